"""One wide layer may be a draft of EAGLE, which no field marks: whatever a type calls its number of layers."""

from __future__ import annotations

from typing import Any

import pytest

from architectures.oracle_rows import rows
from budsim_widgets.architectures import build

SEVEN_B = {"hidden_size": 4096, "num_attention_heads": 32, "intermediate_size": 11008, "vocab_size": 32000}
BART = {
    "model_type": "bart",
    "architectures": ["BartForCausalLM"],
    "vocab_size": 32000,
    "d_model": 4096,
    "encoder_attention_heads": 32,
    "decoder_attention_heads": 32,
    "encoder_layers": 12,
}
OTHERWISE: dict[str, dict[str, Any]] = {
    "n_layer": {"model_type": "gpt2", "n_embd": 4096, "n_head": 32, "vocab_size": 32000},
    "n_layers": {"model_type": "mpt", "d_model": 4096, "n_heads": 32, "vocab_size": 32000},
    "num_layers": {"model_type": "longcat_flash", "architectures": ["LongcatFlashForCausalLM"]},
    "decoder_layers": BART,
    "layers_block_type": {**SEVEN_B, "model_type": "nemotron_h", "architectures": ["NemotronHForCausalLM"]},
}
ONE_AND_TWO: dict[str, tuple[Any, Any]] = {"layers_block_type": (["attention"], ["attention", "mlp"])}


def may_be_a_draft(config: dict[str, Any]) -> bool:
    architecture = build(config)
    says_so = "EAGLE" in " ".join(architecture.notes)
    assert says_so == (architecture.basis == "estimate")
    return says_so


def default(model_type: str, architecture: str) -> dict[str, Any]:
    row = next(
        row for row in rows("defaults") if (row["model_type"], row["architecture"]) == (model_type, architecture)
    )
    return {**row["config"], "architectures": [architecture]}


@pytest.mark.parametrize("model_type", ["llama", "mistral", "qwen3", "phi3", "gemma2", "glm4", "olmo2"])
def test_one_wide_layer_may_be_a_draft_that_no_field_marks(model_type: str) -> None:
    assert may_be_a_draft({**SEVEN_B, "model_type": model_type, "num_hidden_layers": 1})
    assert not may_be_a_draft({**SEVEN_B, "model_type": model_type, "num_hidden_layers": 2})


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_type_that_calls_its_number_of_layers_otherwise_has_drafts_too(name: str) -> None:
    config = OTHERWISE[name]
    if name == "num_layers":
        config = {**default("longcat_flash", "LongcatFlashForCausalLM"), **config}
        config.pop("num_hidden_layers", None)
    one, two = ONE_AND_TWO.get(name, (1, 2))
    assert may_be_a_draft({**config, name: one})
    assert not may_be_a_draft({**config, name: two})


@pytest.mark.parametrize(
    ("model_type", "architecture"),
    [
        ("emu3", "Emu3ForCausalLM"),
        ("fuyu", "FuyuForCausalLM"),
        ("llama4", "Llama4ForCausalLM"),
        ("llava", "LlavaForConditionalGeneration"),
        ("qwen3_vl", "Qwen3VLForConditionalGeneration"),
        ("molmo2", "Molmo2ForConditionalGeneration"),
    ],
)
def test_one_layer_inside_the_text_config_may_be_a_draft(model_type: str, architecture: str) -> None:
    config = default(model_type, architecture)
    text = {**config["text_config"], "layer_types": None, "num_hidden_layers": 1, "hidden_size": 4096}
    assert may_be_a_draft({**config, "text_config": text})
    assert not may_be_a_draft({**config, "text_config": {**text, "num_hidden_layers": 2}})


def test_a_draft_of_a_model_that_sees_has_nothing_of_its_tower() -> None:
    config = default("llava", "LlavaForConditionalGeneration")
    one = build({**config, "text_config": {**config["text_config"], "num_hidden_layers": 1}})
    sizes = {name: config["text_config"][name] for name in (*SEVEN_B, "num_key_value_heads")}
    alone = build({**sizes, "model_type": "llama", "num_hidden_layers": 1, "tie_word_embeddings": False})
    fewest, _ = one.num_parameters_range
    assert fewest == pytest.approx(alone.num_parameters_range[0], rel=1e-6)


@pytest.mark.parametrize(
    "config",
    [
        {**SEVEN_B, "model_type": "llama", "num_hidden_layers": 1, "hidden_size": 1024},
        {**SEVEN_B, "model_type": "bert", "architectures": ["BertForMaskedLM"], "num_hidden_layers": 1},
        {**BART, "architectures": ["BartForConditionalGeneration"], "decoder_layers": 1},
        {**BART, "encoder_layers": 1, "decoder_layers": 12},
    ],
    ids=["narrow", "predicts no text", "an encoder's reader", "another stack of one layer"],
)
def test_what_no_draft_looks_like_stays_exact(config: dict[str, Any]) -> None:
    assert not may_be_a_draft(config)
