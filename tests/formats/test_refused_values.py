"""Values of a quantization that its own library refuses, as `quantization_config.py` of transformers 5.24 does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.errors import ConfigError
from budsim_widgets.formats import read_format
from budsim_widgets.formats.declared import declared_format
from budsim_widgets.formats.generic import GenericQuantization
from budsim_widgets.formats.hqq import HQQ
from budsim_widgets.formats.integers import GroupQuantized

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.formats.base import QuantizedFormat

_REFUSED: list[tuple[dict[str, Any], str]] = [
    *(({"quant_method": "gptq", "bits": bits}, "bits") for bits in (0, -4, 1000, 4.5, "4", True, 5)),
    *(({"quant_method": "gptq", "bits": 4, "group_size": size}, "group_size") for size in (0, -128, "128", 64.5)),
    *(({"quant_method": "awq", "bits": bits}, "bits") for bits in (0, -4, 1000, 4.5, "4")),
    *(({"quant_method": "awq", "bits": 4, "group_size": size}, "group_size") for size in (0, -128)),
    *(({"quant_method": "gptq", **bits}, "bits") for bits in ({}, {"bits": None})),
    *(
        ({"quant_method": "modelopt", "quant_algo": algorithm, "group_size": size}, "group_size")
        for algorithm in ("NVFP4", "FP8", "MXFP4", "FP8_PB_WO", "W4A16_AWQ")
        for size in (0, -128, "16", 1.5)
    ),
    (
        {
            "quant_method": "modelopt",
            "config_groups": {"g": {"weights": {"num_bits": 4, "type": "float", "group_size": 0}}},
        },
        "config_groups.g.weights.group_size",
    ),
    (
        {
            "quant_method": "modelopt",
            "quant_algo": "MIXED_PRECISION",
            "quantized_layers": {"a": {"quant_algo": "NVFP4", "group_size": 0}},
        },
        "quantized_layers.a.group_size",
    ),
    ({"quant_method": "awq", "bits": 4, "version": "gemm2"}, "version"),
    ({"quant_method": "auto-round", "bits": 9}, "bits"),
    ({"quant_method": "auto-round", "bits": 4, "extra_config": {"lm_head": {"bits": 0}}}, "extra_config.lm_head.bits"),
    ({"quant_method": "gptq", "bits": 4, "dynamic": {"+:up": {"bits": 1}}}, "dynamic.+:up.bits"),
    ({"quant_method": "bitsandbytes", "load_in_4bit": True, "load_in_8bit": True}, "load_in_4bit"),
    ({"quant_method": "bitsandbytes", "load_in_4bit": False, "load_in_8bit": False}, "load_in_4bit"),
    ({"quant_method": "bitsandbytes"}, "load_in_4bit"),
    ({"quant_method": "bitsandbytes", "load_in_4bit": "yes"}, "load_in_4bit"),
    ({"load_in_4bit": True, "bnb_4bit_quant_type": "int4"}, "bnb_4bit_quant_type"),
    *(
        ({"quant_method": "fp8", "weight_block_size": block}, "weight_block_size")
        for block in ([128], "128", [0, 128], [128, -1], [1, 2, 3], [True, 128], 128)
    ),
    ({"quant_method": "fp8", "activation_scheme": "sometimes"}, "activation_scheme"),
    ({"quant_method": "fp8", "scale_fmt": "fp32"}, "scale_fmt"),
    ({"quant_method": "fp8", "expert_dtype": "fp2"}, "expert_dtype"),
    *(({"quant_method": method}, "quant_method") for method in (4, True, ["gptq"], "<b>gptq</b>", "a" * 50)),
    ({"quant_method": "hqq", "quant_config": {"nbits": 7}}, "quant_config.nbits"),
    ({"quant_method": "higgs", "bits": 5}, "bits"),
    ({"quant_method": "higgs", "hadamard_size": 500}, "hadamard_size"),
    ({"quant_method": "spqr", "bits": 4}, "bits"),
    ({"quant_method": "quanto", "weights": "int3"}, "weights"),
    ({"quant_method": "eetq", "weights": "int4"}, "weights"),
    ({"quant_method": "bitnet", "linear_class": "linear"}, "linear_class"),
    ({"quant_method": "fp_quant", "forward_dtype": "fp8"}, "forward_dtype"),
    ({"quant_method": "aqlm", "nbits_per_codebook": 0}, "nbits_per_codebook"),
    ({"quant_method": "unheard-of", "bits": 0}, "bits"),
    ({"quant_method": "unheard-of", "bits": 4, "group_size": 0}, "group_size"),
    ({"quant_method": "gptq", "bits": 4, "modules_to_not_convert": "lm_head"}, "modules_to_not_convert"),
]


@pytest.mark.parametrize(("config", "field"), _REFUSED, ids=str)
def test_a_value_that_cannot_be_is_refused_with_its_field(config: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_format(config)
    assert caught.value.field == f"quantization_config.{field}"
    assert caught.value.next_step


def _compressed(layout: str, size: int) -> dict[str, Any]:
    weights = {"num_bits": 4, "type": "float", "group_size": size}
    return {"quant_method": "compressed-tensors", "format": layout, "config_groups": {"g": {"weights": weights}}}


def _optimized(algorithm: str, size: int) -> dict[str, Any]:
    return {"quant_method": "modelopt", "quant_algo": algorithm, "group_size": size}


@pytest.mark.parametrize(
    ("declared", "name", "own_size"),
    [
        *((_optimized, name, 16) for name in ("NVFP4", "W4A16_NVFP4")),
        (_optimized, "MXFP4", 32),
        (_optimized, "FP8_PB_WO", 128),
        (_compressed, "nvfp4-pack-quantized", 16),
        (_compressed, "mxfp4-pack-quantized", 32),
    ],
)
def test_another_group_than_that_of_the_format_is_an_estimate_of_it(
    declared: Callable[[str, int], dict[str, Any]], name: str, own_size: int
) -> None:
    assert not isinstance(read_format(declared(name, own_size)), GenericQuantization)
    other = read_format(declared(name, 48))
    assert isinstance(other, GenericQuantization)
    assert other.group_size == 48


@pytest.mark.parametrize("form", [GroupQuantized(key="awq", group_size=96), HQQ(group_size=96)])
def test_groups_that_do_not_fill_a_matrix_are_no_layout_of_its_library(form: QuantizedFormat) -> None:
    assert form.is_regular(96, 192)
    assert not form.is_regular(64, 128)


@pytest.mark.parametrize("place", ["compression_config", "quantization", "quantization_config"])
def test_the_field_is_named_where_it_stands(place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        declared_format({"text_config": {place: {"quant_method": "gptq", "bits": 1000}}})
    assert caught.value.field == f"text_config.{place}.bits"


def test_bits_of_chatglm_are_checked_too() -> None:
    with pytest.raises(ConfigError) as caught:
        declared_format({"quantization_bit": 5})
    assert caught.value.field == "config.quantization_bit"
