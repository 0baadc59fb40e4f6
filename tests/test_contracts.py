"""What holds for every entry of a registry, so that a new one can't be forgotten anywhere."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from architectures.oracle_rows import rows
from formats.quantization_configs import QUANTIZATION_CONFIGS
from memory.configs import RELEASED, released

from budsim_widgets.actions import Actions
from budsim_widgets.architectures import build
from budsim_widgets.engines import CACHE_PRECISIONS, ENGINES, WEIGHT_PRECISIONS, Engine, Workload, engine_of
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting import recommend
from budsim_widgets.formats import READERS, read_format
from budsim_widgets.formats.named_files import FILE_FORMATS
from budsim_widgets.formats.stored_tensor import STORED_BYTES
from budsim_widgets.memory import MemoryReport, measure
from budsim_widgets.verification.checkpoint import expected_counts

if TYPE_CHECKING:
    from budsim_widgets.formats.base import QuantizedFormat

KINDS = {
    "encoder-only": "bert",
    "encoder-decoder": "t5",
    "multimodal": "llava",
    "hybrid": "bamba",
    "sliding window": "gemma3_text",
    "linear attention": "qwen3_next",
}
"""Kinds of models beside the released ones, each with a type whose defaults make one."""

PARALLEL = [(1, 1), (2, 1), (1, 2), (4, 2)]


@cache
def of_kind(kind: str) -> Any:
    """A model of this kind."""
    config = next(row["config"] for row in rows("defaults") if row["model_type"] == KINDS[kind])
    return build({**config, "architectures": None})


@pytest.mark.parametrize("name", [*sorted(RELEASED), *KINDS])
@pytest.mark.parametrize("engine", ENGINES)
def test_every_precision_of_every_engine_is_answered_or_refused(engine: str, name: str) -> None:
    model = models_by_name(name)
    for precision in WEIGHT_PRECISIONS:
        for cache_precision in CACHE_PRECISIONS:
            for tensor_parallel, pipeline_parallel in PARALLEL:
                asked: dict[str, Any] = {
                    "engine": engine,
                    "precision": precision,
                    "kv_cache_precision": cache_precision,
                    "tensor_parallel": tensor_parallel,
                    "pipeline_parallel": pipeline_parallel,
                }
                answer = answered(model, asked)
                if isinstance(answer, WorkloadError):
                    assert answer.field in asked, asked
                    assert answer.next_step
                else:
                    _check(answer, model)


def answered(model: Any, asked: dict[str, Any]) -> MemoryReport | WorkloadError:
    """The report, or the refusal; anything else that is raised fails the test."""
    try:
        return measure(model, Workload(**asked))
    except WorkloadError as error:
        return error


def models_by_name(name: str) -> Any:
    return released(name) if name in RELEASED else of_kind(name)


def _check(report: Any, model: Any) -> None:
    engine: Engine = report.workload.engine
    assert report.workload.precision in engine.weight_precisions
    assert report.workload.kv_cache_precision in engine.cache_precisions
    assert len(report.per_device) == report.workload.num_devices
    low, high = report.total_bytes_range
    assert 0 < low <= report.total_bytes <= high
    assert all(line.basis == report.basis_of[line.key] for line in report.lines)
    assert model.basis == "exact" or report.basis == "estimate"
    assert json.loads(json.dumps(report.to_dict()))["workload"]["engine"]["name"] == engine.name


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [*sorted(RELEASED), *KINDS])
def test_reports_of_every_engine_can_be_shown(engine: str, name: str) -> None:
    report = measure(models_by_name(name), Workload(engine=engine, seq_length=100_000))
    assert engine in repr(report)
    assert "<table" in report._repr_html_()
    assert len(report.to_frame()) == len(report.lines) + 1
    assert recommend(report)


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_every_engine_comes_back_from_its_dict_and_answers_for_its_own_names(engine: Engine) -> None:
    assert engine_of(engine.to_dict()) == engine
    assert engine_of(json.loads(json.dumps(engine.to_dict()))) == engine
    assert engine_of(engine.label) == engine
    for smaller, names in (
        (engine.smaller_weight_precisions, engine.weight_precisions),
        (engine.smaller_cache_precisions, engine.cache_precisions),
    ):
        assert set(smaller) <= set(names)
    for precision in engine.weight_precisions:
        assert engine.weight_precision(released("llama"), precision).dtype in {"fp32", "bf16", "fp16"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("field", ["precision", "kv_cache_precision"])
def test_what_an_engine_does_not_run_is_refused_with_what_it_does(engine: str, field: str) -> None:
    own = ENGINES[engine].weight_precisions if field == "precision" else ENGINES[engine].cache_precisions
    for name in {*WEIGHT_PRECISIONS, *CACHE_PRECISIONS, "int3"} - {*own}:
        answer = answered(released("llama"), {"engine": engine, field: name})
        if isinstance(answer, WorkloadError):
            assert answer.field == field
            assert all(known in answer.next_step for known in own)
        else:
            assert getattr(answer.workload, field) in own  # another spelling of a name that it has


@pytest.mark.parametrize("method", READERS)
def test_every_format_lists_its_tensors_and_is_verified_by_them(method: str) -> None:
    for fields in QUANTIZATION_CONFIGS[method]:
        form = read_format({"quant_method": method, **fields})
        _check_format(form)
        config = {**RELEASED["mixtral"], "quantization_config": {"quant_method": method, **fields}}
        architecture = Actions().architecture(config)
        report = measure(architecture, Workload())
        assert report.file_bytes > 0
        assert report.basis_of["weights"] == "estimate" or form.basis == "exact"
        assert report.basis_of["weights"] == "estimate" or expected_counts(architecture), "a format that isn't verified"
        for precision in form.precisions:
            if precision in report.workload.engine.weight_precisions:
                assert measure(architecture, Workload(precision=precision)).weight_bytes == report.weight_bytes


@pytest.mark.parametrize("precision", FILE_FORMATS)
def test_every_format_that_files_are_called_by_runs_somewhere(precision: str) -> None:
    _check_format(FILE_FORMATS[precision][0])
    assert any(precision in engine.weight_precisions for engine in ENGINES.values())


def _check_format(form: QuantizedFormat) -> None:
    tensors = form.tensors(256, 512)
    assert all(tensor.dtype in STORED_BYTES and tensor.numel >= 0 for tensor in tensors)
    assert len({tensor.name for tensor in tensors}) == len(tensors)
    assert tensors[0].in_file
    assert tensors[0].in_memory
    assert form.key
    assert form.label
    assert all(name in WEIGHT_PRECISIONS or "int" in name for name in form.precisions)
