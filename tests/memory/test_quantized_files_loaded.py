"""What transformers holds of files that are quantized already, by format and setting.

`held_by_transformers.jsonl.gz` holds small configs and the bytes of their modules' parameters and buffers, on the meta
device: of transformers 5.24 (BitNet, EETQ, fp8, Gemma, HIGGS, Metal), aqlm 1.1.7, fp_quant 0.3.2 and vptq 0.0.5.
compressed-tensors 0.20 packed and unpacked real weights.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import VLLM, Transformers
from budsim_widgets.memory.weights import weights_of

_FILE = Path(__file__).parent / "held_by_transformers.jsonl.gz"
ROWS = [json.loads(line) for line in gzip.decompress(_FILE.read_bytes()).splitlines()]
FORMATS = sorted({row["id"].rpartition("-")[0] for row in ROWS})


def _rows(form: str) -> list[dict[str, Any]]:
    return [row for row in ROWS if row["id"].rpartition("-")[0] == form]


@pytest.mark.parametrize("form", FORMATS)
def test_memory_holds_what_transformers_holds(form: str) -> None:
    for row in _rows(form):
        weights = weights_of(build(row["config"]), "auto", Transformers())
        if weights.basis == "exact":
            assert weights.num_bytes == row["memory_bytes"], row["config"]
            assert weights.file_bytes == row.get("file_bytes", weights.file_bytes), row["config"]


def test_nearly_all_of_them_are_claimed_exact() -> None:
    bases = [weights_of(build(row["config"]), "auto", Transformers()).basis for row in ROWS if "higgs" not in row["id"]]
    assert len(bases) > 300
    assert bases.count("exact") > 0.95 * len(bases)


@pytest.mark.parametrize("form", [name for name in FORMATS if name.startswith("ct-")])
def test_vllm_computes_with_what_the_file_holds(form: str) -> None:
    for row in _rows(form):
        weights = weights_of(build(row["config"]), "auto", VLLM())
        assert weights.num_bytes == weights.file_bytes


def test_a_file_that_transformers_unpacks_takes_more_there_and_says_so() -> None:
    row = next(row for row in ROWS if row["id"] == "ct-W4A16-llama")
    unpacked, packed = (weights_of(build(row["config"]), "auto", engine) for engine in (Transformers(), VLLM()))
    assert unpacked.file_bytes == packed.file_bytes == packed.num_bytes < unpacked.num_bytes
    assert any("unpacks" in note for note in unpacked.notes)
    assert not any("unpacks" in note for note in packed.notes)


@pytest.mark.parametrize("quantization", [
    {"quant_method": "compressed-tensors", "format": "dense", "config_groups": {}, "kv_cache_scheme": {"num_bits": 8}},
    {"quant_method": "compressed-tensors", "config_groups": {}, "ignore": []},
    {"quant_method": "modelopt", "quant_algo": None, "kv_cache_quant_algo": "FP8"},
    {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"targets": ["Linear"], "weights": None}}},
])  # fmt: skip
def test_weights_stay_as_they_are_where_only_the_cache_is_quantized(quantization: dict[str, Any]) -> None:
    config = next(row["config"] for row in ROWS if row["id"] == "ct-W4A16-llama")
    weights = weights_of(build({**config, "quantization_config": quantization}), "auto", Transformers())
    architecture = build({**config, "quantization_config": None})
    assert (weights.basis, weights.num_bytes) == ("exact", 2 * architecture.num_parameters)


def test_a_tied_head_that_autogptq_writes_twice_is_an_estimate() -> None:
    config = next(row["config"] for row in ROWS if row["id"].endswith("-tied"))
    gptq = {"quant_method": "gptq", "bits": 4, "group_size": 128}
    own = weights_of(build({**config, "quantization_config": gptq}), "auto", Transformers())
    repeated = weights_of(
        build({**config, "quantization_config": {**gptq, "model_file_base_name": None}}), "auto", Transformers()
    )
    assert (own.basis, repeated.basis) == ("exact", "estimate")
    assert "a second time" in repeated.notes[-1]


@pytest.mark.parametrize("quantization", [
    {"quant_method": "mxfp4"},
    {"quant_method": "bitsandbytes", "load_in_8bit": True, "llm_int8_has_fp16_weight": True},
    {"quant_method": "gptq", "bits": 4, "modules_in_block_to_quantize": [["no.such.module"]]},
    {"quant_method": "fp8", "modules_to_not_convert": ["model", "lm_head"]},
    {"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "int4"}}, "export": {
        "weight_format": "fake_quantized"}},
])  # fmt: skip
def test_a_quantization_that_changes_no_tensor_is_an_estimate_that_says_so(quantization: dict[str, Any]) -> None:
    config = next(row["config"] for row in ROWS if row["id"] == "ct-W4A16-llama")
    weights = weights_of(build({**config, "quantization_config": quantization}), "auto", Transformers())
    architecture = build({**config, "quantization_config": None})
    assert (weights.basis, weights.num_bytes) == ("estimate", 2 * architecture.num_parameters)
    assert any("none of the model's tensors" in note for note in weights.notes)
