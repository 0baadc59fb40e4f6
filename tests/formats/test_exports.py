"""Formats against what their own libraries write: NVIDIA's Model Optimizer 0.47 and torchao 0.18, on small models.

`modelopt_exports.jsonl.gz` holds the configs that `export_hf_checkpoint` wrote, and the bytes of the tensors beside
them; `torchao_tensors.jsonl.gz` the settings of single layers, and the bytes of the tensors that they became.
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
from budsim_widgets.memory.weights import weights_of


def _rows(name: str) -> list[dict[str, Any]]:
    content = (Path(__file__).parent / f"{name}.jsonl.gz").read_bytes()
    return [json.loads(line) for line in gzip.decompress(content).splitlines()]


EXPORTS, TENSORS = _rows("modelopt_exports"), _rows("torchao_tensors")


@pytest.mark.parametrize("row", EXPORTS, ids=lambda row: row["id"])
def test_model_optimizer_writes_the_bytes_that_its_config_says(row: dict[str, Any]) -> None:
    weights = weights_of(build(row["config"]), "auto", Transformers())
    if weights.basis == "exact":
        assert weights.file_bytes == row["file_bytes"]
    else:
        assert weights.file_bytes == pytest.approx(row["file_bytes"], rel=0.01)


def test_most_of_model_optimizers_formats_are_exact() -> None:
    bases = [weights_of(build(row["config"]), "auto", Transformers()).basis for row in EXPORTS]
    assert bases.count("exact") >= 18


@pytest.mark.parametrize("kind", sorted({row["id"] for row in TENSORS}))
def test_torchao_makes_tensors_of_the_bytes_that_its_settings_say(kind: str) -> None:
    for row in TENSORS:
        if row["id"] == kind:
            form = read_format({"quant_method": "torchao", "quant_type": {"default": row["settings"]}})
            found = form.memory_bytes(row["rows"], row["columns"])
            assert found == row["bytes"] if form.basis == "exact" else found == pytest.approx(row["bytes"], rel=0.08)


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
