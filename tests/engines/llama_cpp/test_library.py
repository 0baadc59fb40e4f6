"""Every model type that llama.cpp itself was asked about: it took our tensors, and would allocate what we say."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.memory import measure

FOLDER = Path(__file__).parent
LIBRARY: dict[str, Any] = json.loads((FOLDER / "library.json").read_text(encoding="utf-8"))
LOGS: dict[str, Any] = json.loads((FOLDER / "cache_logs.json").read_text(encoding="utf-8"))
MIB = 2**20


@cache
def default_configs() -> dict[str, Any]:
    path = FOLDER.parents[1] / "intake" / "default_configs.json.gz"
    configs: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return configs


def config_of(model_type: str) -> dict[str, Any]:
    """As the tool makes it: the default config with few tokens, or the one that it was given."""
    if (given := LIBRARY["models"][model_type].get("config")) is not None:
        return dict(given)
    config = {**default_configs()[model_type], "architectures": None}
    if isinstance(config.get("text_config"), dict):
        config["text_config"] = dict(config["text_config"])
    for fields in (config, config.get("text_config")):
        for name in ("vocab_size", "vocab_size_per_layer_input"):
            if isinstance(fields, dict) and name in fields:
                fields[name] = LIBRARY["vocab_size"]
    return config


@pytest.mark.parametrize("model_type", LIBRARY["models"])
def test_the_library_would_allocate_what_we_say(model_type: str) -> None:
    theirs = LIBRARY["models"][model_type]
    workload = Workload(engine="llama.cpp", precision=LIBRARY["file_type"], seq_length=LIBRARY["context"])
    ours = measure(build(config_of(model_type)), workload)
    if ours.basis_of["kv_cache"] == "exact":
        assert ours.kv_cache_bytes / MIB == pytest.approx(theirs["kv_mib"], abs=0.0101)
        assert ours.state_bytes / MIB == pytest.approx(theirs["state_mib"], abs=0.0101)
    digits_mib = 0.0051 * (1024 if theirs["file_mib"] > 1024 else 1)
    assert ours.file_bytes / MIB == pytest.approx(theirs["file_mib"], abs=digits_mib)


def test_most_types_that_llama_cpp_runs_were_asked_about() -> None:
    assert len(LIBRARY["models"]) > 120


@pytest.mark.parametrize("log", LOGS["logs"], ids=lambda log: f"{log['id']}-{log['model']}")
def test_caches_and_states_are_those_of_load_logs(log: dict[str, Any]) -> None:
    workload = Workload(
        engine={"name": "llama.cpp", "kv_unified": log["kv_unified"], "ubatch_size": log["n_ubatch"]},
        precision="Q8_0",
        kv_cache_precision=log["cache_type"],
        batch_size=log["n_seq_max"],
        seq_length=log["n_ctx"] // log["n_seq_max"],
    )
    ours = measure(build(LOGS["models"][log["model"]]), workload)
    assert ours.kv_cache_bytes / MIB == pytest.approx(log["kv_mib"], abs=0.0101)
    if log["rs_mib"] is not None:
        assert ours.state_bytes * (1 + log["n_rs_seq"]) / MIB == pytest.approx(log["rs_mib"], abs=0.0101)
