from __future__ import annotations

from typing import Any

import pytest
from memory.configs import released

from budsim_widgets.engines import Workload
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting import PrecisionsReport, compare_precisions, fit
from budsim_widgets.formats.gguf.file_types import FILE_TYPES
from budsim_widgets.hardware import find


def compared(model: str, card: str | None = "RTX 3060 12GB", **workload: Any) -> PrecisionsReport:
    accelerator = find(card) if card else None
    return compare_precisions(released(model), Workload(**{"engine": "llama.cpp", **workload}), accelerator)


def test_every_file_type_is_a_row_from_the_largest_to_the_smallest() -> None:
    report = compared("llama")
    names = {row.precision for row in report.rows}
    assert names == {*FILE_TYPES, "bf16"} - {"F32", "F16", "BF16"}
    sizes = [row.file_bytes for row in report.rows]
    assert sizes == sorted(sizes, reverse=True)
    assert report.best is not None
    assert report.best.precision == "Q8_0"


def test_a_row_says_what_fit_says() -> None:
    workload = Workload(engine="llama.cpp", precision="Q6_K", seq_length=8192)
    row = next(row for row in compared("mixtral", seq_length=8192).rows if row.precision == "Q6_K")
    whole = fit(released("mixtral"), workload, find("RTX 3060 12GB"))
    assert (row.verdict, row.free_bytes, row.max_seq_length) == (whole.verdict, whole.free_bytes, whole.max_seq_length)
    assert row.gpu_layers == whole.gpu_layers
    assert row.weight_bytes == whole.memory.weight_bytes


def test_without_an_accelerator_it_is_sizes_alone() -> None:
    report = compared("llama", None)
    assert report.best is None
    assert {row.verdict for row in report.rows} == {None}
    assert "fits" not in repr(report)


def test_engines_are_compared_in_their_own_precisions() -> None:
    report = compared("llama", "RTX 4090", engine="vllm")
    assert [row.precision for row in report.rows] == ["bf16", "fp8", "nvfp4", "gptq-int4", "awq-int4"]
    assert {row.gpu_layers for row in report.rows} == {None}


def test_it_shows_itself_with_the_best_marked() -> None:
    report = compared("llama")
    assert "* Q8_0" in repr(report)
    assert "<table" in report._repr_html_()
    assert report.to_frame().loc["Q4_K_M"].verdict == "fits"
    assert report.to_dict()["best"] == "Q8_0"


def test_a_workload_that_no_precision_can_have_is_refused() -> None:
    with pytest.raises(WorkloadError) as refused:
        compared("llama", engine={"name": "llama.cpp", "gpu_layers": 5000})
    assert refused.value.field == "gpu_layers"
