"""`bw.fit`: on a named accelerator, and on those of this machine."""

from __future__ import annotations

from typing import Any

import pytest
from memory.configs import RELEASED

import budsim_widgets as bw
from budsim_widgets.actions import Actions, fit_actions
from budsim_widgets.errors import ConfigError, WorkloadError
from budsim_widgets.hardware import detection, find
from budsim_widgets.hardware.detection import parse_nvidia_smi

CONFIG = RELEASED["llama"]


def machine_with(monkeypatch: pytest.MonkeyPatch, printed: str) -> None:
    monkeypatch.setattr(detection, "detect_accelerators", lambda: parse_nvidia_smi(printed))


def test_it_is_a_public_name() -> None:
    report = bw.fit(CONFIG, "2x3090", engine="vllm", seq_length=4096)
    assert isinstance(report, bw.FitReport)
    assert (report.accelerator, report.num_devices) == (find("3090"), 2)
    assert report.options
    assert not report.memory.recommendations


def test_without_an_accelerator_it_is_this_machine_with_all_of_its_largest_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ("NVIDIA H100 80GB HBM3", "Tesla T4", "NVIDIA H100 80GB HBM3")
    machine_with(monkeypatch, "\n".join(f"GPU {index}: {name} (UUID: GPU-{index})" for index, name in enumerate(names)))
    report = Actions().fitting.fit(CONFIG)
    assert (report.accelerator.name, report.num_devices) == (find("H100").name, 2)
    assert Actions().fitting.fit(CONFIG, pipeline_parallel=2).workload.tensor_parallel == 1


def test_a_machine_without_accelerators_is_told_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, "")
    with pytest.raises(WorkloadError, match="no accelerator") as caught:
        fit_actions.own_accelerators()
    assert caught.value.field == "accelerator"
    assert "RTX 4090" in caught.value.next_step


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"accelerator": "RTX 9999"}, "accelerator"),
        ({"accelerator": "0x3090"}, "accelerator"),
        ({"accelerator": "65537x3090"}, "accelerator"),
        ({"accelerator": "3x3090"}, "tensor_parallel"),
        ({"accelerator": "3090", "tensor_paralel": 2}, "tensor_paralel"),
        ({"accelerator": "3090", "batch_size": 0}, "batch_size"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_the_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        bw.fit(CONFIG, **given)
    assert caught.value.field == field
    assert caught.value.next_step


def test_a_config_that_is_none_is_a_config_error() -> None:
    with pytest.raises(ConfigError):
        bw.fit({"model_type": "llama"}, "3090")


def test_calculate_takes_an_accelerator_with_a_count() -> None:
    report = bw.calculate(CONFIG, accelerator="2x3090")
    assert (len(report.per_device), report.workload.accelerator) == (2, find("3090"))


def test_every_precision_is_compared_by_its_public_name(monkeypatch: pytest.MonkeyPatch) -> None:
    report = bw.compare_precisions(CONFIG, "RTX 3060 12GB", seq_length=8192)
    assert isinstance(report, bw.PrecisionsReport)
    assert report.best is not None
    assert report.best.precision == "Q8_0"
    machine_with(monkeypatch, "")
    assert bw.compare_precisions(CONFIG).accelerator is None
    with pytest.raises(WorkloadError) as refused:
        bw.compare_precisions(CONFIG, precision="Q4_K_M")
    assert refused.value.field == "precision"


def test_an_analysis_marks_where_each_accelerator_is_full() -> None:
    report = bw.analyze(CONFIG, seq_lengths=(2_048, 65_536))
    assert 0 < report.full_at["RTX 4090 24GB"] < 65_536
    assert "H200 141GB" not in report.full_at
    assert any("RTX 4090 24GB at" in insight for insight in report.insights)
    for name, tokens in report.full_at.items():
        assert bw.fit(CONFIG, name, seq_length=tokens).free_bytes >= 0
        assert bw.fit(CONFIG, name, seq_length=tokens + 1).free_bytes < 0


def test_an_analysis_for_one_accelerator_marks_that_one() -> None:
    report = bw.analyze(CONFIG, accelerator="4090")
    assert list(report.full_at) == ["RTX 4090 24GB"]
    assert report.to_dict()["full_at"] == report.full_at
