"""Where the class and the model_type of a config disagree, the class is what is built."""

from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.architectures.class_names import is_of_type, type_that_is_meant

LLAMA: dict[str, Any] = {
    "vocab_size": 1000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


@pytest.mark.parametrize("given", [None, "llama_ref"])
def test_an_unknown_type_is_that_of_its_class(given: str | None) -> None:
    config = {**LLAMA, "architectures": ["LlamaForCausalLM"], **({"model_type": given} if given else {})}
    found = build(config)
    assert (found.model_type, found.basis) == ("llama", "estimate")
    assert found.num_parameters == build({**LLAMA, "model_type": "llama"}).num_parameters
    assert "read as llama" in found.notes[0]


def test_a_class_of_another_described_type_is_an_estimate() -> None:
    found = build({**LLAMA, "model_type": "gpt2", "architectures": ["LlamaForCausalLM"], "n_embd": 64})
    assert (found.model_type, found.basis) == ("llama", "estimate")


@pytest.mark.parametrize(
    ("architecture", "model_type", "expected"),
    [
        ("LlamaForCausalLM", "llama", True),
        ("LlamaForCausalLMEagle3", "llama", True),
        ("Qwen2_5_VLForConditionalGeneration", "qwen2_5_vl", True),
        ("LlavaLlamaForCausalLM", "llava", True),
        ("Grok1ForCausalLM", "git", False),
        ("LlamaForCausalLM", "", False),
    ],
)
def test_a_class_belongs_to_its_type(architecture: str, model_type: str, expected: bool) -> None:  # noqa: FBT001 - of the table
    assert is_of_type(architecture, model_type) is expected


@pytest.mark.parametrize("value", [5, ["x"], {"a": 1}])
def test_odd_types_and_classes_mean_nothing(value: Any) -> None:
    assert type_that_is_meant({"model_type": value, "architectures": ["LlamaForCausalLM"]}) is None
    assert type_that_is_meant({"model_type": "llama", "architectures": value}) is None
