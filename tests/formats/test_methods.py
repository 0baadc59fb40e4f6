"""Every quantization method that a library or an engine knows is known here: described, or an estimate that names it.

`quantization_methods.json` lists their names with where they stand; SINQ's bytes are those of the tensors that sinq
0.2.0 makes on the CPU.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import VLLM, SGLang, Transformers
from budsim_widgets.errors import ConfigError
from budsim_widgets.formats import READERS, engine_methods, method_of, read_format
from budsim_widgets.formats.fields import Fields
from budsim_widgets.memory.weights import weights_of

if TYPE_CHECKING:
    from budsim_widgets.memory.weights import Weights

METHODS: dict[str, list[str]] = json.loads((Path(__file__).parent / "quantization_methods.json").read_text("utf-8"))

MIXTRAL = {
    "model_type": "mixtral",
    "architectures": ["MixtralForCausalLM"],
    "dtype": "bfloat16",
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_local_experts": 4,
    "vocab_size": 512,
}


def _weights(method: str, engine: Any, **fields: Any) -> Weights:
    needed = {"bitsandbytes": {"load_in_4bit": True}, "gptq": {"bits": 4}}  # what their libraries have no default for
    given = needed.get(method_of(Fields({"quant_method": method})), {})
    config = {**MIXTRAL, "quantization_config": {"quant_method": method, **given, **fields}}
    return weights_of(build(config), "auto", engine)


@pytest.mark.parametrize("method", sorted({name for names in METHODS.values() for name in names}))
@pytest.mark.parametrize("engine", [Transformers(), VLLM(), SGLang()], ids=["transformers", "vllm", "sglang"])
@pytest.mark.parametrize("fields", [{}, {"bits": 4, "group_size": 64}], ids=["bare", "with_bits"])
def test_a_method_is_described_or_an_estimate_that_names_it(method: str, engine: Any, fields: dict[str, Any]) -> None:
    weights = _weights(method, engine, **(fields if method != "spqr" else {}))  # which has three bits and no other
    assert weights.num_bytes > 0
    if method_of(Fields({"quant_method": method})) not in READERS:
        assert weights.basis == "estimate"
        assert method in " ".join(weights.notes)


@pytest.mark.parametrize("method", [*engine_methods.NAMES, "fouroversix"])
def test_a_method_that_is_known_by_name_alone_is_an_estimate_that_says_so(method: str) -> None:
    weights = _weights(method, VLLM())
    assert weights.basis == "estimate"
    assert any(method in note and "its name alone" in note for note in weights.notes)


def test_weights_in_a_gguf_file_are_an_estimate_that_says_where_they_are() -> None:
    weights = _weights("gguf", Transformers())
    assert weights.basis == "estimate"
    assert any("GGUF file" in note for note in weights.notes)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("awq_marlin", "awq"),
        ("auto_awq", "awq"),
        ("gptq_marlin", "gptq"),
        ("gptq_bitblas", "gptq"),
        ("inc", "auto-round"),
        ("deepseek_v4_fp8", "fp8"),
        ("gpt_oss_mxfp4", "mxfp4"),
    ],
)
def test_a_kernels_name_means_the_format_whose_files_it_reads(name: str, meaning: str) -> None:
    fields = {"bits": 4, "group_size": 64}
    assert read_format({"quant_method": name, **fields}) == read_format({"quant_method": meaning, **fields})


@pytest.mark.parametrize("name", ["modelopt_fp4", "petit_nvfp4", "minimax_m3_nvfp4", "modelopt_mxfp8"])
def test_model_optimizers_files_are_read_under_every_name_of_theirs(name: str) -> None:
    form = read_format({"quant_method": name, "quant_algo": "NVFP4"})
    assert (form.label, form.is_exact) == ("NVFP4", True)


@pytest.mark.parametrize(
    ("bits", "group_size", "tiling", "shape", "num_bytes"),
    [
        (2, 64, "1D", (128, 384), 14692),
        (3, 64, "1D", (96, 256), 11316),
        (3, 64, "2D", (128, 384), 22884),
        (3, 128, "1D", (128, 384), 21556),
        (4, 64, "1D", (96, 256), 13620),
        (4, 64, "2D", (128, 384), 27748),
        (4, 128, "2D", (128, 384), 26164),
        (5, 64, "1D", (96, 256), 17716),
        (6, 64, "1D", (128, 384), 41828),
        (8, 128, "1D", (96, 256), 25500),
    ],
)
def test_sinq_takes_the_bytes_that_its_library_makes(
    bits: int, group_size: int, tiling: str, shape: tuple[int, int], num_bytes: int
) -> None:
    form = read_format({"quant_method": "sinq", "nbits": bits, "group_size": group_size, "tiling_mode": tiling})
    assert form.is_regular(*shape)
    assert form.matrix_bytes(*shape) == (num_bytes, num_bytes)


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"nbits": 7}, "nbits"), ({"method": "hqq"}, "method"), ({"tiling_mode": "3D"}, "tiling_mode")],
)
def test_what_sinq_refuses_is_refused_with_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        read_format({"quant_method": "sinq", **fields})
    assert refusal.value.field == f"quantization_config.{field}"


def test_int8_experts_leave_all_else_as_it_is() -> None:
    weights = _weights("experts_int8", VLLM())
    experts = [tensors for tensors in weights.stored.tensors if tensors.role == "experts"]
    others = [tensors for tensors in weights.stored.tensors if tensors.role != "experts"]
    plain = {tensors.name: tensors.num_bytes for tensors in weights_of(build(MIXTRAL), "auto", VLLM()).stored.tensors}
    assert all(tensors.num_bytes < 0.6 * plain[tensors.name] for tensors in experts)
    assert all(tensors.num_bytes == plain[tensors.name] for tensors in others)


def test_four_over_six_is_nvfp4_or_mxfp4_by_its_dtype() -> None:
    labels = [read_format({"quant_method": "fouroversix", "dtype": dtype}).label for dtype in ("nvfp4", "mxfp4")]
    assert labels == ["NVFP4", "MXFP4"]
