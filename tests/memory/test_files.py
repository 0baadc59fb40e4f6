"""Bytes of files: what a model is built from, and what its files hold besides."""

from __future__ import annotations

from typing import Any

import pytest
from architectures.oracle_rows import rows

from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.memory import measure

FP8 = {"fmt": "e4m3", "quant_method": "fp8", "weight_block_size": [128, 128]}
AWQ = {"quant_method": "awq", "bits": 4, "group_size": 64}
FP8_DYNAMIC = {
    "quant_method": "compressed-tensors", "format": "float-quantized", "ignore": ["lm_head"],
    "config_groups": {"group_0": {
        "targets": ["Linear"],
        "weights": {"num_bits": 8, "type": "float", "strategy": "channel", "symmetric": True, "dynamic": False},
        "input_activations": {"num_bits": 8, "type": "float", "strategy": "token", "symmetric": True, "dynamic": True},
    }},
}  # fmt: skip
LLAMA = {
    "model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "dtype": "bfloat16",
    "num_hidden_layers": 32, "num_attention_heads": 32,
}  # fmt: skip


def default(model_type: str) -> dict[str, Any]:
    return next(row["config"] for row in rows("defaults") if row["model_type"] == model_type)


DEEPSEEK = {**default("deepseek_v3"), "num_nextn_predict_layers": 1, "dtype": "bfloat16"}


def test_the_files_of_deepseek_v3_hold_its_prediction_layer_and_memory_does_not() -> None:
    """688,574,839,360 bytes, as the index of its safetensors files says."""
    report = measure(build({**DEEPSEEK, "quantization_config": FP8}), Workload())
    without = measure(build({**DEEPSEEK, "num_nextn_predict_layers": 0, "quantization_config": FP8}), Workload())
    assert report.file_bytes == 688_574_839_360
    assert report.weight_bytes == without.weight_bytes
    assert report.basis_of["weights"] == "exact"
    assert report.basis_of["files"] == "estimate"


def test_a_file_that_somebody_quantized_holds_the_routers_biases_alone() -> None:
    report = measure(build({**DEEPSEEK, "quantization_config": AWQ}), Workload())
    least, most = report.file_bytes_range
    assert least < report.file_bytes < most
    assert report.file_bytes - 364_589_799_936 == 58 * 256 * 2  # what AutoAWQ wrote has them in 16 bits


def test_a_head_that_autogptq_wrote_a_second_time_counts_in_the_file() -> None:
    """WizardCoder 15B: 9,198,428,896 bytes with a header of some 100 KB."""
    config = {
        "model_type": "gpt_bigcode", "vocab_size": 49153, "n_embd": 6144, "n_layer": 40, "n_head": 48,
        "n_positions": 8192, "n_inner": 24576, "multi_query": True, "dtype": "float16",
    }  # fmt: skip
    auto_gptq = {"quant_method": "gptq", "bits": 4, "group_size": 128, "model_file_base_name": "model"}
    report = measure(build({**config, "quantization_config": auto_gptq}), Workload())
    assert report.file_bytes - report.weight_bytes == 49_153 * 6_144 * 2
    assert report.file_bytes == pytest.approx(9_198_428_896, rel=0.0001)


@pytest.mark.parametrize(
    ("quantized", "basis"),
    [
        ({}, "exact"),
        (FP8_DYNAMIC, "exact"),
        ({"quant_method": "gptq", "bits": 4, "group_size": 128}, "estimate"),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "estimate"),
    ],
    ids=["as it is", "fp8", "gptq", "bitsandbytes"],
)
def test_files_are_exact_where_all_of_them_hold_the_same(quantized: dict[str, Any], basis: str) -> None:
    report = measure(build({**LLAMA, **({"quantization_config": quantized} if quantized else {})}), Workload())
    least, most = report.file_bytes_range
    assert report.basis_of["files"] == basis
    assert (least == most) == (basis == "exact")
    assert least <= report.file_bytes <= most


@pytest.mark.parametrize(
    "row", [row for row in rows("defaults") if row.get("config")], ids=lambda row: row["architecture"]
)
def test_whatever_a_model_holds_besides_lies_in_the_range_of_its_files(row: dict[str, Any]) -> None:
    architecture = build(row["config"])
    report = measure(architecture, Workload())
    whole = measure(architecture.with_extras(architecture.extras), Workload())
    least, most = report.file_bytes_range
    assert least <= report.file_bytes <= most == whole.file_bytes
    assert (report.basis_of["files"] == "exact") == (architecture.basis == "exact" and not architecture.extras)


KV_CACHE = {"num_bits": 8, "type": "float", "strategy": "tensor", "dynamic": False, "symmetric": True}


@pytest.mark.parametrize(
    ("quantization", "scales"),
    [
        ({**FP8_DYNAMIC, "kv_cache_scheme": KV_CACHE}, 2 * 32),
        ({**FP8_DYNAMIC, "kv_cache_scheme": {**KV_CACHE, "strategy": "attn_head"}}, 2 * 32 * 32),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8"}, 2 * 32),
        ({"producer": {}, "quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}}, 2 * 32),
        ({"quant_method": "compressed-tensors", "config_groups": {}, "kv_cache_scheme": KV_CACHE}, 2 * 32),
        ({**FP8_DYNAMIC, "kv_cache_scheme": {**KV_CACHE, "dynamic": True}}, 0),
        ({**FP8_DYNAMIC, "kv_cache_scheme": None}, 0),
    ],
    ids=["compressed-tensors", "by head", "modelopt", "hf_quant_config", "cache alone", "dynamic", "none"],
)
def test_files_may_hold_the_scales_of_a_quantized_cache(quantization: dict[str, Any], scales: int) -> None:
    report = measure(build({**LLAMA, "quantization_config": quantization}), Workload())
    least, most = report.file_bytes_range
    assert (least, most - least) == (report.file_bytes, 4 * scales)
    assert report.basis_of["files"] == ("estimate" if scales else "exact")


def test_layers_without_a_cache_have_no_scales_of_one() -> None:
    fp8 = {"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}
    report = measure(build({**default("bert"), "quantization_config": fp8}), Workload())
    assert report.file_bytes_range == (report.file_bytes, report.file_bytes)
