"""Quantized multimodal models: lists that name modules as earlier versions of transformers did, and single experts."""

from __future__ import annotations

from typing import Any

import pytest
from architectures.oracle_rows import rows

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers
from budsim_widgets.memory.weights import Weights, weights_of
from memory.configs import RELEASED

DEFAULTS = {row["model_type"]: row["config"] for row in rows("defaults") if row.get("config")}


def packed(*ignore: str) -> dict[str, Any]:
    weights = {"num_bits": 4, "type": "int", "group_size": 128, "symmetric": True, "strategy": "group"}
    group = {"targets": ["Linear"], "weights": weights, "format": "pack-quantized"}
    return {"quant_method": "compressed-tensors", "config_groups": {"group_0": group}, "ignore": list(ignore)}


def quantized(config: dict[str, Any], quantization: dict[str, Any]) -> Weights:
    return weights_of(build({**config, "quantization_config": quantization}), "auto", Transformers())


def tower_bytes(weights: Weights, name: str) -> int:
    return sum(tensors.file_bytes for tensors in weights.stored.tensors if name in tensors.name)


@pytest.mark.parametrize(
    ("model_type", "tower", "quantization", "basis"),
    [
        ("qwen2_vl", "visual", packed("lm_head", "re:visual.*"), "estimate"),
        ("gemma3", "vision_tower", packed("re:.*lm_head", "re:vision_tower.*"), "estimate"),
        ("qwen2_vl", "visual", packed("lm_head", "re:model\\.visual.*"), "exact"),
        (
            "mistral3",
            "vision_tower",
            {
                "quant_method": "fp8",
                "weight_block_size": [128, 128],
                "modules_to_not_convert": ["vision_tower", "lm_head"],
            },
            "exact",
        ),
        ("qwen2_5_vl", "visual", {"quant_method": "awq", "bits": 4}, "exact"),
        ("llava", "vision_tower", {"quant_method": "gptq", "bits": 4}, "exact"),
    ],
    ids=["earlier name", "earlier name of two", "name of today", "fp8 is brought up to date", "AutoAWQ", "GPTQ"],
)
def test_a_tower_stays_as_it_is(model_type: str, tower: str, quantization: dict[str, Any], basis: str) -> None:
    config = DEFAULTS[model_type]
    whole = weights_of(build(config), "auto", Transformers())
    found = quantized(config, quantization)
    assert tower_bytes(found, tower) == tower_bytes(whole, tower)
    assert found.file_bytes < whole.file_bytes
    assert found.basis == basis


def test_without_a_list_a_tower_is_quantized_too() -> None:
    whole = weights_of(build(DEFAULTS["qwen2_vl"]), "auto", Transformers())
    assert tower_bytes(quantized(DEFAULTS["qwen2_vl"], packed("lm_head")), "visual") < tower_bytes(whole, "visual")


def test_excepting_single_experts_is_an_estimate() -> None:
    config = RELEASED["mixtral"]
    assert quantized(config, packed("lm_head")).basis == "exact"
    assert quantized(config, packed("lm_head", "model.layers.0.mlp.experts.3.down_proj")).basis == "estimate"


def test_experts_are_found_under_the_name_that_minimax_files_have_for_them() -> None:
    config = DEFAULTS["minimax_m3_vl"]
    layers = range(config["text_config"]["num_hidden_layers"])
    listed = {
        f"language_model.model.layers.{layer}.block_sparse_moe.experts": {"quant_algo": "NVFP4", "group_size": 16}
        for layer in layers
    }
    mixed = {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": listed}
    whole = weights_of(build({**config, "dtype": "bfloat16"}), "auto", Transformers())
    found = quantized({**config, "dtype": "bfloat16"}, mixed)
    assert tower_bytes(found, ".experts") == pytest.approx(tower_bytes(whole, ".experts") * 4.5 / 16, rel=0.001)
