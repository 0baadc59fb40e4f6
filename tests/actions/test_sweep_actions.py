"""Many combinations at once: tidy rows, here or wherever an executor runs them."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GEMMA_3_4B_IT, LLAMA_3_1_8B, QWEN_2_5_7B

import budsim_widgets as bw
from budsim_widgets.actions import Actions, sweep_units
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

MODELS = [LLAMA_3_1_8B, QWEN_2_5_7B, GEMMA_3_4B_IT]
WIDE = {
    "accelerators": ["4090", "2x3090", "H100"],
    "engines": ["transformers", "vllm", "llama.cpp"],
    "precisions": ["bf16", "fp8", "Q4_K_M"],
    "seq_lengths": [2048, 32768],
    "batch_sizes": [1, 8],
}


def test_every_combination_is_a_row() -> None:
    report = bw.sweep(MODELS, **WIDE)
    assert len(report) == 3 * 3 * 3 * 3 * 2 * 2
    assert len({row[:7] for row in report}) == len(report)
    one = next(row for row in report if row.engine == "vllm" and row.accelerator == "NVIDIA RTX 3090 24GB")
    fitted = bw.fit(LLAMA_3_1_8B, "2x3090", engine="vllm", precision="bf16")
    assert (one.num_devices, one.verdict, one.free_bytes) == (2, fitted.verdict, fitted.free_bytes)


def test_what_an_engine_does_not_run_is_a_row_with_the_reason() -> None:
    report = bw.sweep(QWEN_2_5_7B, engines=["vllm", "llama.cpp"], precisions="Q4_K_M", accelerators="4090")
    assert [(row.engine, row.verdict is None, row.error is None) for row in report] == [
        ("vllm", True, False),
        ("llama.cpp", False, True),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"engines": "vlm"},
        {"engines": "vllm", "precisions": "Q4_K_M"},
        {"accelerators": ["4090", "no such card"]},
        {"seq_lengths": [2048, 0]},
        {"batch_sizes": "8"},
        {"kv_cache_precisions": "fp7"},
        {"tensor_parallel": -1},
    ],
)
def test_what_would_be_refused_in_every_row_is_an_error(wrong: dict[str, object]) -> None:
    with pytest.raises(bw.WorkloadError):
        bw.sweep(QWEN_2_5_7B, **wrong)


def test_a_model_that_cannot_be_found_has_the_reason_in_its_rows(tmp_path: Path, loopback_hub: LoopbackHub) -> None:
    actions = Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))
    report = actions.sweeps.sweep(
        ["meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-7B", {"model_type": "llama"}], batch_sizes=[1, 2]
    )
    assert [row.error is None for row in report] == [False, False, True, True, False, False]
    assert "gated" in str(report.rows[0].error)
    assert report.rows[0].model_id == "meta-llama/Llama-3.1-8B"
    assert len(loopback_hub.requests_for("Qwen/Qwen2.5-7B")) <= 2


def test_the_rows_are_a_data_frame_and_json() -> None:
    report = bw.sweep(MODELS, **WIDE)
    frame = report.to_frame()
    assert frame.shape == (len(report), len(report.rows[0]))
    assert frame[frame.verdict == "fits"].groupby("engine").size()["vllm"] > 0
    assert len(json.loads(json.dumps(report.to_dict()))["rows"]) == len(report)
    assert "combinations" in repr(report)
    assert "<table" in report._repr_html_()


@pytest.mark.parametrize("pool", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_an_executor_gives_the_same_rows(
    pool: type[ProcessPoolExecutor | ThreadPoolExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_units, "_CELLS_OF_A_TASK", 50)
    with pool(2) as executor:
        assert bw.sweep(MODELS, **WIDE, executor=executor) == bw.sweep(MODELS, **WIDE)


def test_a_client_of_dask_gives_the_same_rows() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        for _ in range(2):  # the same again has the same keys there
            assert bw.sweep(MODELS, **WIDE, executor=client) == bw.sweep(MODELS, **WIDE)


class Kept:
    """An executor that remembers whether its futures were cancelled."""

    def __init__(self, *, fails: bool) -> None:
        self.fails = fails
        self.cancelled: list[bool] = []

    def submit(self, work: Any, *arguments: Any) -> Any:
        return SimpleNamespace(result=partial(self._result, work, *arguments), cancel=partial(self.cancelled.append, 1))

    def _result(self, work: Any, *arguments: Any) -> Any:
        if self.fails:
            raise KeyboardInterrupt
        return work(*arguments)


def test_only_a_sweep_that_ends_early_takes_back_what_it_sent() -> None:
    whole, broken = Kept(fails=False), Kept(fails=True)
    assert len(bw.sweep(MODELS, **WIDE, executor=whole)) > 0
    assert whole.cancelled == []
    with pytest.raises(KeyboardInterrupt):
        bw.sweep(MODELS, **WIDE, executor=broken)
    assert broken.cancelled


def test_a_sweep_asks_each_part_of_an_engine_once_for_what_is_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accelerators are laid over what was measured: a hundred of them cost no more measuring than one."""
    calls = []
    measure = sweep_units.sweep_grid.__globals__["_measure"]
    monkeypatch.setitem(
        sweep_units.sweep_grid.__globals__, "_measure", lambda *given: calls.append(1) or measure(*given)
    )
    report = bw.sweep(QWEN_2_5_7B, accelerators=bw.accelerators(), seq_lengths=[1024, 2048], batch_sizes=[1, 2, 3])
    assert len(report) == 6 * len(bw.accelerators())
    assert len(calls) == 6
