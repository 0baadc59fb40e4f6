from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budsim_widgets.errors import ConfigError
from budsim_widgets.formats import READERS, read_format
from budsim_widgets.formats.bitsandbytes import FP4, NF4, Int8
from budsim_widgets.formats.finegrained_fp8 import FbgemmFP8
from budsim_widgets.formats.fp8 import BlockFP8, ScaledFP8
from budsim_widgets.formats.integers import GroupQuantized, IntScaled
from budsim_widgets.formats.microscaling import MXFP4, NVFP4, Microscaled
from budsim_widgets.formats.named_files import FILE_FORMATS
from budsim_widgets.formats.skip_modules import SkipModules

FORMATS = [
    Int8(),
    NF4(),
    NF4(is_double=True),
    BlockFP8(),
    BlockFP8(block=(1, 32), scale_dtype="E8M0"),
    ScaledFP8(),
    ScaledFP8(per="row"),
    GroupQuantized(),
    GroupQuantized(has_index=True),
    GroupQuantized(bits=8, group_size=None, has_zeros=False),
    IntScaled(),
    MXFP4(),
    NVFP4(),
]
CASES = list(zip(FORMATS, [8, 4, 4, 8, 8, 8, 8, 4, 4, 8, 8, 4, 4], strict=True))

sizes = st.integers(1, 20_000)


@pytest.mark.parametrize(("form", "bits"), CASES, ids=str)
@given(rows=sizes, columns=sizes)
def test_a_matrix_takes_its_bits_and_something_for_its_scales(form: Any, bits: int, rows: int, columns: int) -> None:
    assert form.memory_bytes(rows, columns) > rows * columns * bits // 8


@pytest.mark.parametrize(("form", "bits"), CASES, ids=str)
def test_scales_of_a_large_matrix_are_small(form: Any, bits: int) -> None:
    assert form.memory_bytes(8192, 8192) < 8192 * 8192 * bits / 8 * 1.13


@pytest.mark.parametrize("form", FORMATS, ids=str)
@given(rows=sizes, columns=sizes)
def test_a_larger_matrix_never_takes_less(form: Any, rows: int, columns: int) -> None:
    assert form.memory_bytes(rows, columns) <= form.memory_bytes(rows + 1, columns)
    assert form.memory_bytes(rows, columns) <= form.memory_bytes(rows, columns + 1)


HEAD: Any = {"skip_modules": ("lm_head",)}
WHOLE_HEAD: Any = {"skip_modules": ("re:lm_head$",)}


@pytest.mark.parametrize(
    ("config", "form"),
    [
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, BlockFP8()),
        (
            {"quant_method": "fp8", "weight_block_size": [1, 32], "scale_fmt": "ue8m0"},
            BlockFP8(block=(1, 32), scale_dtype="E8M0"),
        ),
        ({"quant_method": "fp8", "activation_scheme": "static"}, ScaledFP8(has_input_scale=True)),
        ({"quant_method": "fbgemm_fp8", "modules_to_not_convert": ["lm_head"]}, FbgemmFP8(**HEAD)),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, Int8()),
        ({"load_in_8bit": True}, Int8()),
        (
            {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True},
            NF4(is_double=True),
        ),
        ({"load_in_4bit": True, "bnb_4bit_quant_type": "fp4"}, FP4()),
        ({"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}, MXFP4(**HEAD)),
    ],
    ids=lambda value: str(value)[:60],
)
def test_quantization_configs_are_read(config: dict[str, Any], form: object) -> None:
    assert read_format(config) == form


def _compressed(layout: str, weights: dict[str, Any], inputs: dict[str, Any] | None = None) -> dict[str, Any]:
    group = {"targets": ["Linear"], "weights": weights, "input_activations": inputs}
    return {
        "quant_method": "compressed-tensors",
        "format": layout,
        "config_groups": {"group_0": group},
        "ignore": ["lm_head"],
    }


@pytest.mark.parametrize(
    ("config", "form"),
    [
        (
            _compressed("float-quantized", {"num_bits": 8, "type": "float", "strategy": "channel"}, {"dynamic": True}),
            ScaledFP8(per="row", scale_dtype="F16", **WHOLE_HEAD),
        ),
        (
            _compressed("float-quantized", {"num_bits": 8, "type": "float", "strategy": "tensor"}, {"dynamic": False}),
            ScaledFP8(scale_dtype="F16", has_input_scale=True, input_scale_dtype="F16", **WHOLE_HEAD),
        ),
        (
            _compressed("pack-quantized", {"num_bits": 4, "type": "int", "group_size": 128, "symmetric": True}),
            GroupQuantized(key="compressed-tensors", has_zeros=False, has_shape=True, **WHOLE_HEAD),
        ),
        (_compressed("int-quantized", {"num_bits": 8, "type": "int", "strategy": "channel"}), IntScaled(**WHOLE_HEAD)),
        (
            _compressed("int-quantized", {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 128}),
            IntScaled(bits=4, group_size=128, **WHOLE_HEAD),
        ),
        (
            _compressed("mxfp4-pack-quantized", {"num_bits": 4, "type": "float", "group_size": 32}),
            Microscaled(bits=4, **WHOLE_HEAD),
        ),
        (
            _compressed("nvfp4-pack-quantized", {"num_bits": 4, "type": "float", "group_size": 16}),
            NVFP4(has_input_scale=False, **WHOLE_HEAD),
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_compressed_tensors_configs_are_read(config: dict[str, Any], form: object) -> None:
    assert read_format(config) == form


@pytest.mark.parametrize(
    ("config", "bits", "group"),
    [
        ({"quant_method": "rtn"}, "4 bits (assumed)", 64),
        ({"quant_method": "qqq", "wbits": 4, "group_size": 128}, "4 bits (as its config says)", 128),
        ({"quant_method": "openvino", "bits": 2}, "2 bits", 64),
        ({"quant_method": "blockwise_int8"}, "8 bits", "row"),
        ({"bits": 4.65}, "4.65 bits", 64),
        ({}, "4 bits (assumed)", 64),
    ],
    ids=str,
)
def test_an_unknown_quantization_is_an_estimate_from_what_it_says(
    config: dict[str, Any], bits: str, group: int | str
) -> None:
    form = read_format(config)
    assert form.basis == "estimate"
    assert bits in form.notes[0]
    assert f"each {group}" in form.notes[0]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300)
@given(
    method=st.sampled_from([*READERS, "x"]),
    fields=st.dictionaries(
        st.sampled_from([
            "bits", "group_size", "weight_block_size", "config_groups", "ignore", "modules_to_not_convert", "format",
            "llm_int8_skip_modules", "load_in_4bit", "zero_point", "dynamic", "extra_config", "quant_type", "nbits",
            "quant_config", "quantized_layers", "quant_algo", "moe_quant_algo", "vector_lens", "config_for_layers",
            "global_quant_config", "layer_quant_config", "weights", "modules_in_block_to_quantize",
        ]),
        _json,
    ),
)  # fmt: skip
def test_whatever_a_quantization_config_holds_it_is_read_or_refused(method: str, fields: dict[str, Any]) -> None:
    try:
        form = read_format({"quant_method": method, **fields})
    except ConfigError as error:
        is_told = str(error.field).startswith("quantization_config.") and error.next_step
        if not is_told:
            raise
        return
    for given_form in (form, *(own for _, own in form.assigned if own is not None)):
        assert given_form.memory_bytes(64, 128) > 0
    SkipModules.of(form.skip_modules or ()).match("model.layers.0.mlp.up_proj")


@pytest.mark.parametrize("precision", FILE_FORMATS)
def test_files_of_a_name_are_of_that_precision(precision: str) -> None:
    assert FILE_FORMATS[precision][0].precisions[0] == precision


@pytest.mark.parametrize(
    "quantization",
    [
        {"quant_method": "some-new-method", "bits": 4, "group_size": 32},
        {"quant_method": "some-new-method", "bits": 8},
        {"quant_method": "exl3", "bits": 4.0, "head_bits": 6},
        {"quant_method": "exl2", "bits": 4.65, "lm_head_bits": 6},
    ],
)
def test_an_estimate_of_a_file_has_a_range_that_holds_other_scales(quantization: dict[str, Any]) -> None:
    """exl3 keeps two 16-bit vectors a matrix; others have scales of 16 bits, of 32, or none."""
    form = read_format(quantization)
    rows, columns = 4096, 1024
    elements = int(rows * columns * quantization["bits"] / 8)
    group = quantization.get("group_size", columns)
    most = elements + (2 * (rows + columns) if "exl" in quantization["quant_method"] else 4 * rows * columns // group)
    estimate = form.matrix_bytes(rows, columns)[1]
    assert estimate * (1 - form.file_error) <= elements
    assert most <= estimate * (1 + form.file_error)
