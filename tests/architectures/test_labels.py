"""How many labels a classifier has, as transformers reads it; values from which it builds none are refused."""

from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.architectures.labels import num_labels
from budsim_widgets.errors import ConfigError

LLAMA = {
    "model_type": "llama",
    "vocab_size": 1000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
"""transformers 5.24 builds 146,240 parameters of its layers and embedding, and 65 a label with a bias."""


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, 2),
        ({"id2label": {"0": "a"}}, 1),
        ({"num_labels": 7, "id2label": {"0": "a", "1": "b"}}, 7),
        ({"id2label": {"0": "a", "5": "b"}}, 2),
        ({"label2id": {"a": 0, "b": 1, "c": 2}}, 2),
        ({"num_labels": 1, "problem_type": "regression"}, 1),
    ],
)
def test_the_number_of_labels_is_what_the_config_says(fields: dict[str, Any], expected: int) -> None:
    assert num_labels(fields) == expected
    built = build({**LLAMA, **fields, "architectures": ["LlamaForTokenClassification"]})
    assert (built.basis, built.num_parameters) == ("exact", 146_240 + 65 * expected)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"num_labels": 0}, "num_labels"),
        ({"num_labels": -2}, "num_labels"),
        ({"num_labels": "3"}, "num_labels"),
        ({"num_labels": 3.0}, "num_labels"),
        ({"num_labels": True}, "num_labels"),
        ({"id2label": {}}, "id2label"),
        ({"id2label": ["a", "b"]}, "id2label"),
        ({"id2label": {"a": "b"}}, "id2label"),
        ({"num_labels": 1, "problem_type": "single_label_classification"}, "problem_type"),
    ],
)
def test_labels_that_cannot_be_are_refused_with_their_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build({**LLAMA, **fields, "architectures": ["LlamaForSequenceClassification"]})
    assert caught.value.field == field


def test_a_model_without_a_classifier_does_not_care_for_labels() -> None:
    assert build({**LLAMA, "num_labels": 0, "id2label": {}}).basis == "exact"


def test_a_flag_takes_the_bias_of_a_tagger_away() -> None:
    tagger = {**LLAMA, "architectures": ["LlamaForTokenClassification"], "token_classification_bias": False}
    assert build(tagger).num_parameters == 146_240 + 2 * 64
