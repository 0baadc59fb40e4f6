"""Formats against what their own libraries write: Model Optimizer 0.47, Quark 0.13 and torchao 0.18, for small models.

`quark_exports.jsonl.gz` holds the configs that `export_safetensors` wrote, and the bytes of the tensors beside them;
`modelopt_exports.jsonl.gz` holds the configs that `export_hf_checkpoint` wrote, and the bytes of the tensors beside
them; `torchao_tensors.jsonl.gz` the settings of single layers, and the bytes of the tensors that they became on the
CPU. Of MSLK's kernels and of torchao's tiles, which need a GPU, the shapes are those that their C++ allocates
(`fp8_preshuffle_i4`) and that torch's meta device gives.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers
from budsim_widgets.formats import read_format
from budsim_widgets.memory.weights import files_of, weights_of


def _rows(name: str) -> list[dict[str, Any]]:
    content = (Path(__file__).parent / f"{name}.jsonl.gz").read_bytes()
    return [json.loads(line) for line in gzip.decompress(content).splitlines()]


EXPORTS, TENSORS = _rows("modelopt_exports"), _rows("torchao_tensors")
QUARK = _rows("quark_exports")


@pytest.mark.parametrize("row", QUARK, ids=lambda row: row["id"])
def test_quark_writes_the_bytes_that_are_likely_and_none_is_called_exact(row: dict[str, Any]) -> None:
    """Scales were 16-bit numbers in all of these but those of whole int8 matrices; other versions hold 32 bits."""
    files = files_of(build(row["config"]), "auto", Transformers())
    assert (files.basis, files.num_bytes) == ("estimate", row["file_bytes"])
    assert files.least_bytes < row["file_bytes"] < files.most_bytes


def test_wider_scales_of_quark_are_within_the_range() -> None:
    """The same tensors with scales of 32 bits, and without zeros."""
    row = next(row for row in QUARK if row["id"] == "quark-int4-group-true-false")
    files = files_of(build(row["config"]), "auto", Transformers())
    hidden, inner, keys = 256, 384, 128
    num_scales = (2 * hidden + 2 * keys + 2 * inner) * hidden // 128 + hidden * inner // 128
    assert files.most_bytes >= row["file_bytes"] + 2 * num_scales
    assert files.least_bytes <= row["file_bytes"] - num_scales // 2


@pytest.mark.parametrize("row", EXPORTS, ids=lambda row: row["id"])
def test_model_optimizer_writes_the_bytes_that_its_config_says(row: dict[str, Any]) -> None:
    files = files_of(build(row["config"]), "auto", Transformers())
    if files.basis == "exact":
        assert (files.least_bytes, files.num_bytes, files.most_bytes) == (row["file_bytes"],) * 3
    else:
        assert files.least_bytes <= row["file_bytes"] <= files.most_bytes
        assert files.num_bytes == pytest.approx(row["file_bytes"], rel=0.01)


@pytest.mark.parametrize("algorithm", ["W4A16_AWQ", "W4A8_AWQ"])
def test_groups_of_awq_are_those_of_its_config(algorithm: str) -> None:
    form = read_format({"quant_method": "modelopt", "quant_algo": algorithm, "group_size": 64})
    beside = 8 if algorithm == "W4A8_AWQ" else 0
    assert form.memory_bytes(256, 512) == 256 * 512 // 2 + 4 * 256 * 8 + beside
    assert not form.is_exact


@pytest.mark.parametrize("name", ["int4_awq_cfg", "w4a8_awq_beta_cfg", "int8_smoothquant_cfg", "int8_weight_only_cfg"])
def test_the_likely_bytes_of_model_optimizers_integers_are_those_of_its_files(name: str) -> None:
    rows = [row for row in EXPORTS if row["id"].startswith(name)]
    found = [weights_of(build(row["config"]), "auto", Transformers()).file_bytes for row in rows]
    assert len(rows) >= 6
    assert [bytes_ == row["file_bytes"] for bytes_, row in zip(found, rows, strict=True)].count(False) <= 1


def test_most_of_model_optimizers_formats_are_exact() -> None:
    bases = [weights_of(build(row["config"]), "auto", Transformers()).basis for row in EXPORTS]
    assert bases.count("exact") >= 18


@pytest.mark.parametrize("kind", sorted({row["id"] for row in TENSORS}))
def test_torchao_makes_tensors_of_the_bytes_that_its_settings_say(kind: str) -> None:
    for row in TENSORS:
        if row["id"] == kind:
            form = read_format({"quant_method": "torchao", "quant_type": {"default": row["settings"]}})
            shape = row["rows"], row["columns"]
            found, is_exact = form.memory_bytes(*shape), form.is_exact and form.is_regular(*shape)
            assert found == row["bytes"] if is_exact else found == pytest.approx(row["bytes"], rel=0.08)


def test_torchaos_packings_of_four_bits_are_exact() -> None:
    kinds = {"Int4WeightOnlyConfig", "Float8DynamicActivationInt4WeightConfig"}
    rows = [row for row in TENSORS if row["id"] in kinds]
    forms = [read_format({"quant_method": "torchao", "quant_type": {"default": row["settings"]}}) for row in rows]
    assert len(rows) > 50
    assert all(form.is_exact for form in forms)


@pytest.mark.parametrize(
    ("listed", "number_of_bytes"),
    [
        ({"model.layers.0.mlp.up_proj": "Int8WeightOnlyConfig", "_default": None}, 1),
        ({r"re:model\.layers\..+\.mlp\.up_proj": "Int8WeightOnlyConfig"}, 2),
        ({r"re:.*up_proj\.weight": "Int8WeightOnlyConfig", "model.layers.1.mlp.up_proj": None}, 1),
        ({"up_proj": "Int8WeightOnlyConfig"}, 0),
    ],
)
def test_torchaos_names_are_whole_ones_and_come_before_expressions(
    listed: dict[str, str | None], number_of_bytes: int
) -> None:
    named = {name: kind and {"_type": kind, "_data": {}} for name, kind in listed.items()}
    quantization = {"quant_method": "torchao", "quant_type": {"default": {
        "_type": "FqnToConfig", "_data": {"fqn_to_config": named}}}}  # fmt: skip
    llama = {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "num_hidden_layers": 2,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_attention_heads": 4,
        "vocab_size": 32,
        "dtype": "bfloat16",
    }
    plain, own = (
        weights_of(build({**llama, "quantization_config": each}), "auto", Transformers())
        for each in (None, quantization)
    )
    assert plain.num_bytes - own.num_bytes == number_of_bytes * (64 * 128 - 5 * 128)


@pytest.mark.parametrize(
    "config",
    [
        {"quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"},
        {"quant_method": "gptq", "bits": 4, "is_marlin_format": True},
        {"quant_method": "gptq", "bits": 4, "format": "bitblas"},
        {"quant_method": "auto-round", "bits": 4, "group_size": 32, "data_type": "mx_fp"},
        {"quant_method": "auto-round", "bits": 8, "group_size": -1, "data_type": "fp"},
        {"quant_method": "awq", "bits": 4, "format": "gemv_fast"},
    ],
    ids=str,
)
def test_a_layout_that_no_file_was_compared_with_is_an_estimate_from_its_bits(config: dict[str, Any]) -> None:
    form = read_format(config)
    assert form.basis == "estimate"
    assert f"{config['bits']} bits (as its config says)" in form.notes[0]


@pytest.mark.parametrize("layout", ["gptq", "gptq_v2", None])
def test_gptqs_own_layouts_are_exact(layout: str | None) -> None:
    assert read_format({"quant_method": "gptq", "bits": 4, "checkpoint_format": layout}).basis == "exact"
