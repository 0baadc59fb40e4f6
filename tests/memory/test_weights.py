"""Bytes of weights against what released files hold."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import VLLM, Transformers
from budsim_widgets.memory.weights import weights_of
from memory.configs import DEEPSEEK_V3, GPT2, LLAMA_8B, MIXTRAL, RELEASED, quantized, released

if TYPE_CHECKING:
    from budsim_widgets.memory.weights import Weights

PLAIN_WIDTHS = {"fp32": 4, "bf16": 2, "fp16": 2}


def test_llama_8b_in_bf16_is_two_bytes_a_parameter() -> None:
    assert weights_of(released("llama"), "auto", Transformers()).num_bytes == 16_060_522_496 == 2 * 8_030_261_248


@pytest.mark.parametrize("name", sorted(set(RELEASED) - {"gpt_oss", "deepseek_v3"}))
@pytest.mark.parametrize(("precision", "width"), list(PLAIN_WIDTHS.items()))
def test_plain_formats_take_their_width_for_every_parameter(name: str, precision: str, width: int) -> None:
    architecture = released(name)
    assert weights_of(architecture, precision, Transformers()).num_bytes == architecture.num_parameters * width


def test_norms_that_a_class_keeps_in_fp32_count_as_fp32() -> None:
    architecture = released("gpt_oss")
    norms = (2 * 24 + 1) * 2880
    assert weights_of(architecture, "fp16", Transformers()).num_bytes == architecture.num_parameters * 2 + norms * 2
    assert weights_of(architecture, "bf16", Transformers()).num_bytes == architecture.num_parameters * 2


def test_gpt_oss_20b_takes_what_its_mxfp4_files_hold_and_in_transformers_its_biases_twice() -> None:
    weights = weights_of(released("gpt_oss"), "auto", Transformers())
    assert weights.file_bytes == 13_761_264_768
    assert weights.num_bytes == weights.file_bytes + 2 * 24 * 32 * (5760 + 2880)
    assert weights_of(released("gpt_oss"), "auto", VLLM()).num_bytes == weights.file_bytes


def test_deepseek_v3_takes_what_its_fp8_files_hold() -> None:
    """The Hub counts 680,571,043,840 numbers in fp8, 41,555,600 in fp32 and 3,918,786,560 in bf16; these hold one
    multi-token-prediction layer that isn't built, and correction biases (256 of each sparse layer) that are buffers.
    """
    size, latent, experts, width = 7168, 512, 256, 2048
    attention = [(1536, size), (24576, 1536), (latent + 64, size), (32768, latent), (size, 16384)]
    extra = [*attention, *[(width, size), (width, size), (size, width)] * (experts + 1)]
    extra_fp8 = sum(prod(shape) for shape in extra)
    extra_scales = sum(-(-rows // 128) * -(-columns // 128) for rows, columns in extra)
    extra_bf16 = 2 * 129280 * size + 2 * size * size + experts * size + 5 * size + 1536 + latent
    published = 680_571_043_840 + 41_555_600 * 4 + 3_918_786_560 * 2
    built = published - extra_fp8 - (extra_scales + 59 * experts) * 4 - extra_bf16 * 2
    weights = weights_of(build(DEEPSEEK_V3), "auto", Transformers())
    assert sum(tensors.file_bytes for tensors in weights.stored.tensors) == built
    # transformers turns the routers of 58 layers into fp32 while it loads them; other engines don't.
    assert weights.num_bytes == built + 58 * experts * size * 2
    assert weights_of(build(DEEPSEEK_V3), "auto", VLLM()).num_bytes == built


def _stored(weights: Weights, ending: str) -> int:
    return sum(tensors.num_bytes for tensors in weights.stored.tensors if tensors.name.endswith(ending))


def test_bitsandbytes_leaves_embedding_head_norms_and_biases_alone() -> None:
    weights = weights_of(released("llama"), "int4", Transformers())
    assert _stored(weights, "lm_head.weight") == _stored(weights, "embed_tokens.weight") == 128256 * 4096 * 2
    assert _stored(weights, "layernorm.weight") == 64 * 4096 * 2
    assert _stored(weights, "q_proj.weight") == 32 * 9_437_248


def test_int8_scales_follow_the_outputs_also_where_weights_are_stored_the_other_way() -> None:
    weights = weights_of(released("gpt2"), "int8", Transformers())
    assert _stored(weights, "c_attn.weight") == 12 * (768 * 2304 + 2304 * 4)


def test_int4_of_experts_is_an_estimate_since_transformers_leaves_fused_ones_alone() -> None:
    weights = weights_of(released("mixtral"), "int4", Transformers())
    assert weights.basis == "estimate"
    assert "Experts" in weights.notes[0]
    assert weights_of(released("llama"), "int4", Transformers()).basis == "exact"
    own = quantized(MIXTRAL, quant_method="bitsandbytes", load_in_4bit=True)
    assert weights_of(own, "auto", Transformers()).basis == "exact"


def test_a_file_quantized_by_the_very_kind_asked_for_stays_as_it_is() -> None:
    own = quantized(LLAMA_8B, quant_method="awq", bits=4, group_size=128)
    assert weights_of(own, "int4", Transformers()).precision == weights_of(own, "auto", Transformers()).precision
    assert weights_of(own, "bf16", Transformers()).num_bytes == own.num_parameters * 2


def test_exceptions_of_single_layers_are_looked_up_layer_by_layer() -> None:
    whole = weights_of(
        quantized(LLAMA_8B, quant_method="fbgemm_fp8", modules_to_not_convert=["lm_head"]), "auto", Transformers()
    )
    partly = weights_of(
        quantized(LLAMA_8B, quant_method="fbgemm_fp8", modules_to_not_convert=["lm_head", "model.layers.1.mlp"]),
        "auto",
        Transformers(),
    )
    numbers, rows = 3 * 4096 * 14336, 2 * 14336 + 4096
    bounds = 3
    assert partly.num_bytes - whole.num_bytes == numbers - (rows + bounds) * 4
    assert partly.file_bytes - whole.file_bytes == numbers - rows * 4


@pytest.mark.parametrize(
    ("dtype", "label", "has_note"),
    [("float16", "fp16", False), ("float32", "fp32", False), (None, "bf16", True), ("float8_e4m3fn", "bf16", True)],
)
def test_auto_is_what_the_config_says_and_bf16_with_a_note_otherwise(dtype: str, label: str, has_note: bool) -> None:  # noqa: FBT001 - a parameter of the table
    weights = weights_of(build({**LLAMA_8B, "dtype": dtype}), "auto", Transformers())
    assert weights.precision.label == label
    assert bool(weights.notes) is has_note


def test_torch_dtype_is_read_as_dtype() -> None:
    assert weights_of(build({**GPT2, "torch_dtype": "float32"}), "auto", Transformers()).precision.label == "fp32"


@pytest.mark.parametrize("name", RELEASED)
def test_fewer_bits_never_take_more(name: str) -> None:
    sizes = [
        weights_of(released(name), precision, Transformers()).num_bytes
        for precision in ("fp32", "bf16", "int8", "int4")
    ]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("name", RELEASED)
@pytest.mark.parametrize("precision", Transformers.weight_precisions)
def test_every_tensor_is_stored_once(name: str, precision: str) -> None:
    architecture = released(name)
    stored = weights_of(architecture, precision, Transformers()).stored.tensors
    assert sum(tensors.number for tensors in stored) == sum(1 for _ in architecture.tensors())
