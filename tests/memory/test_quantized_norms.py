"""Tensors beside a quantized weight that transformers keeps in fp32 for their name's sake."""

from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers
from budsim_widgets.memory.weights import Weights, weights_of

DEEPSEEK_V4 = {
    "model_type": "deepseek_v4",
    "architectures": ["DeepseekV4ForCausalLM"],
    "dtype": "bfloat16",
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 8,
    "head_dim": 512,
    "o_groups": 8,
    "vocab_size": 128,
}


def _weights(config: dict[str, Any], **quantization: Any) -> Weights:
    return weights_of(build({**config, "quantization_config": quantization}), "auto", Transformers())


@pytest.mark.parametrize("linear_class", ["bitlinear", "autobitlinear"])
def test_a_norm_of_bitnets_inputs_is_fp32_where_a_class_keeps_all_norms_so(linear_class: str) -> None:
    bitnet = {"quant_method": "bitnet", "linear_class": linear_class}
    plain, with_norms = _weights(DEEPSEEK_V4, **bitnet), _weights(DEEPSEEK_V4, **bitnet, use_rms_norm=True)
    columns = sum(
        group.num_tensors * group.shape[1]
        for group in build(DEEPSEEK_V4).tensor_groups
        if group.role == "linear" and len(group.shape) == 2 and ".compressor." not in group.name
    )
    assert with_norms.num_bytes - plain.num_bytes == 4 * columns
    assert with_norms.file_bytes - plain.file_bytes == 4 * columns


HY_4 = {
    "model_type": "hy_v4",
    "architectures": ["HYV4ForCausalLM"],
    "dtype": "bfloat16",
    "hidden_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "vocab_size": 1024,
}


@pytest.mark.parametrize(
    ("quantization", "basis"),
    [
        ({"quant_method": "eetq", "modules_to_not_convert": ["lm_head", "weights_proj"]}, "estimate"),
        ({"quant_method": "fp8", "modules_to_not_convert": ["lm_head", "weights_proj"]}, "exact"),
        ({"quant_method": "fp8", "modules_to_not_convert": ["lm_head"]}, "estimate"),
        ({"quant_method": "fp8", "modules_to_not_convert": ["weights_proj"]}, "estimate"),
    ],
    ids=["16-bit scales", "fp32 scales", "a projection", "the head"],
)
def test_what_hy_4_keeps_in_fp32_by_name_is_an_estimate_where_it_is_quantized(
    quantization: dict[str, Any], basis: str
) -> None:
    assert _weights(HY_4, **quantization).basis == basis
