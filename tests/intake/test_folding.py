"""A config of several MiB that lists single experts is read; other texts of that size are refused as before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import read_config
from budsim_widgets.intake.folding import folded, folded_layers
from budsim_widgets.intake.limits import MAX_BYTES
from budsim_widgets.intake.plain import plain_copy

EXPERTS, LAYERS = 128, 60


def large(**fields: Any) -> dict[str, Any]:
    layers = {
        f"model.layers.{layer}.mlp.experts.{expert}.{part}": {"quant_algo": "NVFP4", "group_size": 16}
        for layer in range(LAYERS)
        for expert in range(EXPERTS)
        for part in ("gate_proj", "up_proj", "down_proj")
    }
    attention = {f"model.layers.{layer}.self_attn.q_proj": {"quant_algo": "FP8"} for layer in range(LAYERS)}
    quantization = {"quant_algo": "MIXED_PRECISION", "quantized_layers": {**layers, **attention}}
    return {"model_type": "qwen3_moe", "hidden_size": 64, "quantization_config": quantization, **fields}


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_of_single_experts_is_folded(indent: int | None) -> None:
    text = json.dumps(large(), indent=indent)
    assert len(text) > 4 * MAX_BYTES
    for source in (text, text.encode()):
        layers = read_config(source).config["quantization_config"]["quantized_layers"]
        assert len(layers) == 2 * LAYERS
        assert layers["model.layers.7.mlp.experts"] == {"quant_algo": "NVFP4", "group_size": 16}
        assert layers["model.layers.7.self_attn.q_proj"] == {"quant_algo": "FP8"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"a": "x" * MAX_BYTES}),
        "[" * 2 * MAX_BYTES,
        '{"quantized_layers": {' + '"a": {' * MAX_BYTES,
        '{"quantized_layers": {' + '"a": 1, ' * MAX_BYTES,
    ],
    ids=["one text", "brackets", "objects in objects", "no objects"],
)
def test_other_large_texts_are_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(text)
    assert caught.value.code == "TOO_LARGE"


def test_a_text_without_such_a_list_stays_as_it_is() -> None:
    text = '{"layers": {"a": {"b": 1}}, "quantized_layers": {}}'
    assert folded(text) == text


def test_what_stands_behind_the_list_stays() -> None:
    text = '{"quantized_layers": {"a.experts.0.up": {"b": 1}, "a.experts.1.up": {"b": 1}}, "c": [1, 2]}'
    assert json.loads(folded(text)) == {"quantized_layers": {"a.experts": {"b": 1}}, "c": [1, 2]}


def test_a_config_that_was_read_already_is_folded_as_its_text_is() -> None:
    config = large()
    assert plain_copy(config) == plain_copy(json.loads(folded(json.dumps(config))))
    assert len(plain_copy(config)["quantization_config"]["quantized_layers"]) == 2 * LAYERS


def test_names_that_no_model_has_are_not_folded() -> None:
    names = {"l.0.experts.0.up" * 50: {}, "l.0.experts.1.up": {}}
    assert folded_layers(names) is names
