"""Configs around a model's own: the inner one is taken out, and files without sizes are called by their names."""

from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import read_config

SIZES = {
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
}


@pytest.mark.parametrize(
    "fields",
    [
        {"version": "0.13.0", "pretrained_config": {"architecture": "LlamaForCausalLM", **SIZES}, "build_config": {}},
        {"architecture": "LlamaForCausalLM", "dtype": "bfloat16", **SIZES, "mapping": {"world_size": 1}},
        {"model_type": "llama", "quantization": "q4f16_1", "model_config": SIZES},
    ],
    ids=["TensorRT-LLM engine", "TensorRT-LLM checkpoint", "MLC"],
)
def test_the_config_inside_is_taken_out(fields: dict[str, Any]) -> None:
    found = read_config(fields)
    assert SIZES.items() <= found.config.items()
    assert found.repairs
    assert found.config.get("architectures") == ["LlamaForCausalLM"] or found.config["model_type"] == "llama"


def test_a_quantization_comes_with_it() -> None:
    checkpoint = {"architecture": "LlamaForCausalLM", **SIZES, "quantization": {"quant_algo": "FP8"}}
    assert read_config(checkpoint).config["quantization_config"] == {"quant_method": "modelopt", "quant_algo": "FP8"}
    mlc = {"model_type": "llama", "quantization": "q3f16_1", "model_config": SIZES}
    assert read_config(mlc).config["quantization_config"]["bits"] == 3


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (
            {"add_source_bos": False, "bos_token": "<s>", "unk_token": "<unk>", "layer_norm_epsilon": None},
            "CTranslate2",
        ),
        ({"quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}}, "hf_quant_config.json"),
        ({"model": {"type": "llama", "decoder": {}}, "search": {}}, "genai_config.json"),
        ({"model_type": "mlp_speculator", "emb_dim": 8192, "inner_dim": 8192, "n_predict": 3}, "speculator"),
        ({"speculators_model_type": "eagle3", "transformer_layer_config": SIZES}, "speculator"),
        ({"medusa_num_heads": 5, "medusa_num_layers": 1, "base_model_name_or_path": "x/y"}, "Medusa"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_without_sizes_is_called_by_its_name(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(fields)
    assert caught.value.code == "WRONG_FILE"
    assert name in caught.value.message
    assert "whole" not in caught.value.next_step
