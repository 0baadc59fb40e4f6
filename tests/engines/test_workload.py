from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.engines import CACHE_PRECISIONS, ENGINES, WEIGHT_PRECISIONS, Transformers, Workload
from budsim_widgets.engines.workload import LIMITS
from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware import Accelerator, find


def test_a_workload_asks_for_one_sequence_of_2048_tokens_unless_told_otherwise() -> None:
    assert Workload() == Workload(batch_size=1, seq_length=2048, precision="auto", engine=Transformers())


def test_a_workload_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Workload().batch_size = 2  # type: ignore[misc]


@pytest.mark.parametrize("field", LIMITS)
@pytest.mark.parametrize("value", [True, False, None, 1.0, "8", [1], float("nan"), b"1"], ids=repr)
def test_what_is_no_whole_number_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(WorkloadError, match="whole number") as caught:
        Workload(**{field: value})  # type: ignore[arg-type]
    assert caught.value.field == field
    assert caught.value.next_step


@pytest.mark.parametrize(("field", "limit"), list(LIMITS.items()))
def test_numbers_must_lie_between_one_and_the_limit(field: str, limit: int) -> None:
    for value in (1, limit):
        accepted: Any = {field: value}
        assert getattr(Workload(**accepted), field) == value
    for value in (0, -1, limit + 1, 10**30):
        refused: Any = {field: value}
        with pytest.raises(WorkloadError, match=field) as caught:
            Workload(**refused)
        assert caught.value.field == field


class _WholeNumber:
    """A number of another library, such as numpy's."""

    def __index__(self) -> int:
        return 16


def test_whole_numbers_of_other_libraries_become_plain_ones() -> None:
    assert type(Workload(batch_size=_WholeNumber()).batch_size) is int  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("bfloat16", "bf16"),
        ("torch.float16", "fp16"),
        ("half", "fp16"),
        ("float32", "fp32"),
        (" BF16 ", "bf16"),
        ("4bit", "int4"),
        ("nf4", "int4"),
        ("8-bit", "int8"),
        ("float8_e4m3fn", "fp8"),
    ],
)
def test_other_names_of_a_format_are_understood(written: str, meant: str) -> None:
    assert Workload(precision=written).precision == meant
    if meant in Transformers.cache_precisions:
        assert Workload(kv_cache_precision=written).kv_cache_precision == meant


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("precision", "bf17", "'bf16'"),
        ("precision", "fp64", "'fp"),
        ("kv_cache_precision", "int", "'int"),
        ("engine", "vlm", "'vllm'"),
        ("engine", "transformer", "'transformers'"),
    ],
)
def test_near_misses_get_a_hint(field: str, value: str, hint: str) -> None:
    asked: Any = {field: value}
    with pytest.raises(WorkloadError, match=r"unknown|has no") as caught:
        Workload(**asked)
    assert hint in caught.value.next_step
    assert caught.value.field == field


@given(field=st.sampled_from(["precision", "kv_cache_precision", "engine"]), value=st.one_of(st.text(), st.integers()))
def test_any_other_name_is_refused_with_the_names_that_are_known(field: str, value: object) -> None:
    asked: Any = {field: value}
    error = None
    try:
        made = Workload(**asked)
    except WorkloadError as raised:
        error = raised
    if error is None:
        assert getattr(made, field) in (*WEIGHT_PRECISIONS, *CACHE_PRECISIONS, *ENGINES.values())
    else:
        assert (error.field, "Choose one of" in error.next_step) == (field, True)


def test_parameters_come_back_by_name() -> None:
    assert Workload(seq_length=8).to_dict() == {
        "batch_size": 1,
        "seq_length": 8,
        "precision": "auto",
        "kv_cache_precision": "auto",
        "engine": {"name": "transformers", "attention": "auto"},
        "tensor_parallel": 1,
        "pipeline_parallel": 1,
        "accelerator": None,
    }


def test_the_accelerator_is_found_by_the_name_that_people_write() -> None:
    workload = Workload.of(accelerator="2x3090")
    assert workload.accelerator == find("RTX 3090")
    assert (workload.tensor_parallel, workload.num_devices) == (2, 2)
    assert workload.to_dict()["accelerator"] == "RTX 3090 24GB"


def test_a_number_of_devices_that_is_given_wins_over_the_count_in_the_name() -> None:
    workload = Workload.of(accelerator="4x3090", pipeline_parallel=2)
    assert (workload.tensor_parallel, workload.pipeline_parallel) == (1, 2)


@pytest.mark.parametrize("accelerator", ["H100", Accelerator(name="my card", memory_gib=20)], ids=str)
def test_a_workload_with_an_accelerator_comes_back_from_its_dict(accelerator: Any) -> None:
    workload = Workload.of(accelerator=accelerator)
    assert Workload.of(**json.loads(json.dumps(workload.to_dict()))) == workload


@pytest.mark.parametrize("wrong", ["RTX 9999", 7, "0x3090", {"name": "x", "colour": 1}, {"usable_bytes": "much"}])
def test_an_accelerator_that_is_none_is_refused_with_the_field(wrong: Any) -> None:
    with pytest.raises(WorkloadError) as caught:
        Workload.of(accelerator=wrong)
    assert caught.value.field in {"accelerator", "usable_bytes"}
    assert caught.value.next_step


def test_the_class_of_an_engine_is_refused_with_how_to_write_it() -> None:
    with pytest.raises(WorkloadError, match="the class 'Transformers'") as caught:
        Workload(engine=Transformers)  # type: ignore[arg-type] # what a person may give
    assert caught.value.field == "engine"
    assert caught.value.next_step == "Write Transformers()."
