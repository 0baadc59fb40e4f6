"""Classes with other heads: as many parameters as transformers builds, or an estimate.

`oracle/heads.jsonl.gz` holds configs with (class, number of labels, parameters); measured with transformers 5.23 (what
5.24 changed: with that) on the meta device, with the default configs of its classes and those of some released models.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.other_classes import other_class
from budsim_widgets.architectures.parts import Weight, module, tensors
from budsim_widgets.data import load_table
from budsim_widgets.engines import Workload
from budsim_widgets.errors import ConfigError
from budsim_widgets.memory import measure

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent / "oracle" / "heads.jsonl.gz").read_bytes()).splitlines()
]
CLASSES = [(row["config"], *found) for row in ROWS for found in row["classes"]]
LLAMA = {
    "model_type": "llama",
    "vocab_size": 1000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


def built(config: dict[str, Any], architecture: str, labels: int | None) -> Any:
    try:
        return build({**config, "architectures": [architecture], **({"num_labels": labels} if labels else {})})
    except ConfigError:
        return None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_no_class_is_called_exact_that_is_not(row: dict[str, Any]) -> None:
    for architecture, labels, num_parameters in row["classes"]:
        found = built(row["config"], architecture, labels)
        if found is not None and found.basis == "exact":
            assert (architecture, found.num_parameters) == (architecture, num_parameters)
            assert found.architecture == architecture


def test_nearly_all_classes_are_exact() -> None:
    exact = sum(
        found is not None and found.basis == "exact"
        for found in (built(config, architecture, labels) for config, architecture, labels, _ in CLASSES)
    )
    assert exact >= 613
    assert len(CLASSES) == 633


def test_a_reward_model_has_a_head_of_one_label() -> None:
    whole = build({**LLAMA, "architectures": ["LlamaForCausalLM"]})
    reward = build({**LLAMA, "architectures": ["LlamaForSequenceClassification"], "id2label": {"0": "LABEL_0"}})
    assert reward.basis == "exact"
    assert reward.num_parameters == whole.num_parameters - 1000 * 64 + 64
    assert "score.weight" in [tensor.name for tensor in reward.tensors()]
    assert reward.layer_caches == whole.layer_caches


def test_a_bare_model_has_the_names_of_its_own_class() -> None:
    names = [tensor.name for tensor in build({**LLAMA, "architectures": ["LlamaModel"]}).tensors()]
    assert "embed_tokens.weight" in names
    assert "lm_head.weight" not in names


def test_an_encoder_alone_is_an_encoder() -> None:
    t5 = {
        "model_type": "t5",
        "vocab_size": 100,
        "d_model": 64,
        "d_kv": 16,
        "d_ff": 128,
        "num_layers": 2,
        "num_heads": 4,
    }
    encoder = build({**t5, "architectures": ["T5EncoderModel"]})
    assert (encoder.kind, encoder.basis) == ("encoder-only", "exact")
    assert measure(encoder, Workload()).kv_cache_bytes == 0


def test_a_row_takes_parts_away_and_adds_others() -> None:
    whole = module(bert=module(norm=Weight((4,)), pooler=module(weight=Weight((4, 4)))), cls=Weight((9,)))
    row = {"part": "bert", "at": "model", "without": ["pooler.weight"], "more": {"head.bias": [[2, "hidden_size"]]}}
    found = list(tensors(other_class(row, whole, Config({"hidden_size": 4}))))
    assert [(tensor.name, tensor.shape) for tensor in found] == [("model.norm", (4,)), ("head.bias", (8,))]


def test_what_a_row_adds_takes_the_place_of_what_a_part_has_of_that_name() -> None:
    """An encoder has a table of its own, where in the whole model both sides share one under another name."""
    whole = module(encoder=module(embed=Weight((9, 4)), norm=Weight((4,))))
    row = {"part": "encoder", "more": {"embed": ["vocab_size", "hidden_size"]}}
    found = list(tensors(other_class(row, whole, Config({"hidden_size": 4, "vocab_size": 5}))))
    assert sorted((tensor.name, tensor.shape) for tensor in found) == [("embed", (5, 4)), ("norm", (4,))]


def test_every_row_is_of_a_described_class() -> None:
    types = load_table("heads")["types"]
    assert len(types) > 250
    assert all({"of", "more"} <= row.keys() for rows in types.values() for row in rows.values())
