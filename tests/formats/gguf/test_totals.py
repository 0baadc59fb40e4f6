from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import Architecture, build
from budsim_widgets.formats.gguf.file_types import FILE_TYPES
from budsim_widgets.formats.gguf.layout import file_layout

TOTALS: dict[str, Any] = json.loads(gzip.decompress((Path(__file__).parent / "totals.json.gz").read_bytes()))["models"]
MIB = 2**20


@cache
def model(name: str) -> Architecture:
    config = TOTALS[name]["config"]
    if config["model_type"] == "glm4":
        # The file of the dry run has no biases, as the released config says, which this one leaves out.
        config = {**config, "attention_bias": False}
    return build(config)


@pytest.mark.parametrize("name", TOTALS)
def test_the_tensors_of_every_file_type_take_what_the_quantizer_says(name: str) -> None:
    ours = {kind: f"{file_layout(model(name), kind).tensor_bytes / MIB:.2f}" for kind in TOTALS[name]["tensor_mib"]}
    assert ours == {kind: f"{mib:.2f}" for kind, mib in TOTALS[name]["tensor_mib"].items()}


@pytest.mark.parametrize("name", TOTALS)
def test_an_unquantized_file_holds_two_bytes_a_number_and_its_small_tensors_in_fp32(name: str) -> None:
    half, full = (file_layout(model(name), kind) for kind in ("BF16", "F32"))
    assert half.basis == "exact"
    assert full.tensor_bytes // 4 >= model(name).num_parameters
    assert set(half.types) == {"BF16", "F32"}
    assert set(full.types) == {"F32"}
    assert file_layout(model(name), "F16").tensor_bytes == half.tensor_bytes


def test_file_types_are_those_of_which_the_totals_are_known_and_the_unquantized() -> None:
    known = set(TOTALS["Qwen/Qwen3-8B"]["tensor_mib"])
    assert set(FILE_TYPES) - known == {"F32", "F16", "BF16", "TQ1_0", "TQ2_0"}
