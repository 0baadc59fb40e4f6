"""A local GGUF file: its own tensors, whatever its label says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from gguf_files import header
from memory.configs import released

import budsim_widgets as bw
from budsim_widgets import gguf_files
from budsim_widgets.actions import Actions
from budsim_widgets.architectures.uncertainty import UNDESCRIBED
from budsim_widgets.errors import ConfigError, WorkloadError
from budsim_widgets.formats.gguf.layout import file_layout
from budsim_widgets.formats.gguf.types import TENSOR_TYPES
from budsim_widgets.memory import measure

if TYPE_CHECKING:
    from pathlib import Path

VALUES: dict[str, Any] = {
    "general.architecture": "llama",
    "general.file_type": 15,
    "llama.block_count": 32,
    "llama.context_length": 131072,
    "llama.embedding_length": 4096,
    "llama.feed_forward_length": 14336,
    "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8,
    "llama.vocab_size": 128256,
}
LAYOUT = file_layout(released("llama"), "Q4_K_M")
TENSORS = [
    (some.tensors.name.replace("*", str(layer)), some.tensors.shape, TENSOR_TYPES[some.type].number)
    for some in LAYOUT.typed
    for layer in some.tensors.layers or (0,)
]


def saved(path: Path, values: dict[str, Any] = VALUES, tensors: Any = TENSORS) -> str:
    path.write_bytes(header(values, tensors))
    return str(path)


def test_its_tensors_are_counted_as_the_file_lists_them(tmp_path: Path) -> None:
    ours = bw.calculate(released("llama").config, engine="llama.cpp", precision="Q4_K_M", seq_length=8192)
    file = bw.calculate(saved(tmp_path / "model.gguf"), seq_length=8192)
    assert file.workload.engine == bw.LlamaCpp()
    for part in ("weight_bytes", "host_bytes", "file_bytes", "kv_cache_bytes", "activation_bytes", "num_parameters"):
        assert getattr(file, part) == getattr(ours, part), part
    assert file.basis == "exact"
    assert any("Q4_K" in note for note in file.notes)


@pytest.mark.parametrize(("precision", "is_known"), [("auto", True), ("Q8_0", False)])
def test_weights_that_a_file_lists_are_known_whatever_describes_the_model(
    tmp_path: Path, *, precision: str, is_known: bool
) -> None:
    listed = bw.calculate(saved(tmp_path / "model.gguf"))
    unsure = replace(listed.architecture, basis="estimate", uncertainty=UNDESCRIBED, computed={})
    report = measure(unsure, replace(listed.workload, precision=precision))
    assert (report.file_bytes_range == (report.file_bytes,) * 2) == is_known
    assert report.total_bytes_range[0] < report.total_bytes < report.total_bytes_range[1]


def test_a_label_that_says_otherwise_changes_nothing(tmp_path: Path) -> None:
    mixed = [(name, shape, 8 if "attn_v" in name else kind) for name, shape, kind in TENSORS]
    file = bw.calculate(saved(tmp_path / "model-UD-Q4_K_XL.gguf", tensors=mixed))
    stock = bw.calculate(saved(tmp_path / "model.gguf"))
    assert file.weight_bytes > stock.weight_bytes


def test_the_file_can_be_run_by_another_engine_or_asked_in_another_type(tmp_path: Path) -> None:
    path = saved(tmp_path / "model.gguf")
    assert bw.calculate(path, engine="vllm").file_bytes == 16_060_522_496
    assert bw.calculate(path, engine="llama.cpp", precision="Q8_0").weight_bytes > bw.calculate(path).weight_bytes
    assert bw.fit(path, "RTX 4090", seq_length=8192).gpu_layers == 33


def test_a_split_file_is_put_together_whichever_part_is_named(tmp_path: Path) -> None:
    whole = bw.calculate(saved(tmp_path / "whole.gguf"))
    half = len(TENSORS) // 2
    split = {"split.count": 2}
    first = saved(tmp_path / "m-00001-of-00002.gguf", {**VALUES, **split, "split.no": 0}, TENSORS[:half])
    with pytest.raises(ConfigError, match="m-00002-of-00002"):
        bw.calculate(first)
    second = saved(tmp_path / "m-00002-of-00002.gguf", {**split, "split.no": 1}, TENSORS[half:])
    for part in (first, second):
        assert bw.calculate(part).weight_bytes == whole.weight_bytes


@pytest.mark.parametrize(
    ("values", "tensors", "code"),
    [
        ({"general.type": "mmproj", **VALUES}, TENSORS, "UNSUPPORTED"),
        ({**VALUES, "general.architecture": "nobody"}, TENSORS, "UNSUPPORTED"),
        ({"llama.block_count": 2}, TENSORS, "MISSING_FIELD"),
        (VALUES, [*TENSORS, ("blk.0.more.weight", (4096, 4096), 138)], "UNSUPPORTED"),
        (VALUES, [*TENSORS, ("blk.0.more.weight", (4096, 4095), 12)], "FIELD_RANGE"),
    ],
    ids=["projector", "unknown architecture", "no architecture", "type of a fork", "rows of broken blocks"],
)
def test_what_is_no_usable_model_is_refused_by_name(
    tmp_path: Path, values: dict[str, Any], tensors: Any, code: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        bw.calculate(saved(tmp_path / "model.gguf", values, tensors))
    assert refused.value.code == code


def test_a_file_that_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.gguf").touch()
    for name in ("none.gguf", "empty.gguf", "folder.gguf"):
        if name == "folder.gguf":
            (tmp_path / name).mkdir()
        with pytest.raises(ConfigError):
            bw.calculate(str(tmp_path / name))


def test_more_layers_than_the_file_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError) as refused:
        bw.calculate(saved(tmp_path / "model.gguf"), engine=bw.LlamaCpp(gpu_layers=34))
    assert "33" in str(refused.value.next_step)


def test_over_http_no_text_names_a_file(tmp_path: Path) -> None:
    with pytest.raises(bw.ModelIdError):
        Actions().without_file_paths().calculate(saved(tmp_path / "model.gguf"))


@pytest.mark.parametrize("function", ["read_gguf", "convert"])
@pytest.mark.parametrize("error", [TypeError("x"), KeyError("x"), ZeroDivisionError(), RecursionError()], ids=repr)
def test_whatever_a_header_makes_reading_raise_is_one_more_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = saved(tmp_path / "model.gguf")
    monkeypatch.setattr(gguf_files, function, fail)
    with pytest.raises(ConfigError) as caught:
        bw.calculate(path)
    assert caught.value.next_step
    assert len(bw.compare([path, released("llama").config]).rows) == 2
