"""What vLLM printed when it started, in public logs of 0.4 to 0.30, beside our numbers.

Of a run that is off by more than a hundredth, `off` says why, as far as it is known.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from budsim_widgets.architectures import build
from budsim_widgets.engines import VLLM, Workload
from budsim_widgets.fitting import fit
from budsim_widgets.hardware import Accelerator, find
from budsim_widgets.memory import measure
from budsim_widgets.units import GIB

RUNS = Path(__file__).with_name("runs.jsonl.gz")
ROUNDED = 0.01


@cache
def runs() -> list[dict[str, Any]]:
    with gzip.open(RUNS, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def workload_of(run: dict[str, Any]) -> Workload:
    return Workload(engine=VLLM(**run["settings"]), **run["workload"])


def error(ours: float, logged: float) -> float:
    return abs(ours / logged - 1)


def weight_errors() -> list[tuple[dict[str, Any], float]]:
    found = []
    for run in runs():
        logged = run["logged"].get("weights_gib")
        if logged is not None:
            ours = measure(build(run["config"]), workload_of(run)).per_device[0].weight_bytes / GIB
            found.append((run, error(ours, logged)))
    return found


def pool_errors(key: str) -> list[tuple[dict[str, Any], float]]:
    """Errors of tokens or requests, of the pool that the log says."""
    found = []
    for run in runs():
        logged, pool = run["logged"].get(key), run["logged"].get("kv_gib", 0)
        if logged is None or pool <= 0 or not run["has_length"]:
            continue
        model, workload = build(run["config"]), workload_of(run)
        engine = workload.engine
        dtype = engine.weight_precision(model, "auto").dtype
        served = engine.served(model, workload, dtype, [int(pool * GIB)] * workload.num_devices)
        found.append((run, error(served.cache_tokens if key == "kv_tokens" else served.max_concurrency or 0, logged)))
    return found


def unexplained(errors: list[tuple[dict[str, Any], float]], kind: str) -> list[tuple[int, str, float]]:
    return [(run["id"], run["model"], off) for run, off in errors if off > ROUNDED and kind not in run["off"]]


def test_weights_are_those_of_the_logs() -> None:
    errors = weight_errors()
    assert len(errors) >= 60
    assert median(off for _, off in errors) <= 0.003
    assert unexplained(errors, "weights") == []


def test_tokens_and_requests_of_a_pool_are_those_of_the_logs() -> None:
    for key in ("kv_tokens", "concurrency"):
        errors = pool_errors(key)
        assert len(errors) >= 30
        assert median(off for _, off in errors) <= 0.001
        assert unexplained(errors, "pool") == []
        assert sum(off <= ROUNDED for _, off in errors) >= 0.85 * len(errors)


def accelerator_of(run: dict[str, Any]) -> Accelerator:
    """The card with the total that the log shows; one of that size where it isn't in the table."""
    total = run["gpu_total_gib"]
    if not run["accelerator"]:
        return Accelerator(name=run["gpu"], memory_gib=total)
    num_bytes = int(total * GIB)
    return replace(find(run["accelerator"]), usable_bytes=num_bytes, usable_bytes_range=(num_bytes, num_bytes))


def test_the_peak_of_the_profile_run_is_that_of_the_logs() -> None:
    errors = []
    for run in runs():
        logged = run["logged"].get("activation_gib")
        if logged is not None:
            card = accelerator_of(run) if run["gpu_total_gib"] else None
            workload = replace(workload_of(run), accelerator=card)
            ours = workload.engine.activations(build(run["config"]), workload, "bf16").num_bytes / GIB
            errors.append(abs(ours - logged))
    assert len(errors) >= 25
    assert median(errors) <= 0.1


def test_tokens_follow_from_the_card_alone() -> None:
    """Of the pool that our own weights, peak and overhead leave; where a run is off by a tenth, `off` says why."""
    errors = []
    for run in runs():
        logged = run["logged"].get("kv_tokens")
        if logged is None or not run["gpu_total_gib"] or not run["has_length"]:
            continue
        card = accelerator_of(run)
        report = fit(build(run["config"]), replace(workload_of(run), accelerator=card), card)
        errors.append((run, error(report.cache_tokens, logged)))
    assert len(errors) >= 25
    assert median(off for _, off in errors) <= 0.03
    assert [(run["id"], off) for run, off in errors if off > 0.1 and "gpu" not in run["off"]] == []
    assert sum(off <= 0.15 for _, off in errors) >= 0.85 * len(errors)
