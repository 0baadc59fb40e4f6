"""Estimates of activations against what forward passes of transformers held."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory.configs import RELEASED, released

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers, Workload
from budsim_widgets.engines.transformers.caches import bytes_before_windows

MEASURED: dict[str, Any] = json.loads((Path(__file__).parent / "released_activations.json").read_text("utf-8"))[
    "models"
]

MEDIAN_ERROR, WORST_ERROR = 0.001, 0.08


def _errors(name: str) -> list[float]:
    """Errors of what a forward pass holds beside the storages of its cache."""
    architecture = build(MEASURED[name]["config"])
    errors = []
    for batch, length, measured in MEASURED[name]["runs"]:
        workload = Workload(batch_size=batch, seq_length=length)
        said = Transformers().activations(architecture, workload, "bf16").num_bytes
        errors.append((said - bytes_before_windows(architecture, workload, "bf16")) / measured - 1)
    return errors


_WINDOWS = gzip.decompress((Path(__file__).parent / "windows_after_prompts.jsonl.gz").read_bytes()).splitlines()[1:]


@pytest.mark.parametrize("line", _WINDOWS, ids=lambda line: json.loads(line)["config"]["model_type"])
def test_the_storages_of_a_cache_hold_the_whole_prompt_until_the_next_token(line: bytes) -> None:
    """What transformers 5.24 held in bf16 after a prompt longer than every window, of small random models."""
    row = json.loads(line)
    architecture = build(row["config"])
    held = architecture.cache(row["batch"], row["seq_length"]).kv_cache_bytes
    workload = Workload(batch_size=row["batch"], seq_length=row["seq_length"])
    assert held == row["kv_bytes"]
    assert held + bytes_before_windows(architecture, workload, "bf16") == row["storage_bytes"] > held


def test_a_prompt_before_the_window_counts_in_the_peak() -> None:
    """qwen2, 32 layers of which 24 have a window of 4,096: 1,905 tokens more of 2 · 8 · 128 numbers each."""
    fields = {"hidden_size": 4096, "intermediate_size": 11008, "num_attention_heads": 32, "num_key_value_heads": 8}
    config = {"model_type": "qwen2", "num_hidden_layers": 32, "vocab_size": 1000, **fields}
    config |= {"use_sliding_window": True, "max_window_layers": 8}
    architecture, workload = build({**config, "sliding_window": 4096}), Workload(batch_size=2, seq_length=6000)
    passed = bytes_before_windows(architecture, workload, "bf16")
    assert passed == 2 * 24 * (6000 - 4095) * 2 * 8 * 128 * 2
    # Beside its own peak there is a mask for the windows.
    whole = build({**config, "sliding_window": 4096, "layer_types": ["full_attention"] * 32})
    peaks = [Transformers().activations(model, workload, "bf16").num_bytes for model in (architecture, whole)]
    assert peaks[0] - peaks[1] - passed in range(6000 * 6000 + 1)
    assert bytes_before_windows(architecture, Workload(seq_length=4095), "bf16") == 0


@pytest.mark.parametrize("name", MEASURED)
def test_the_estimate_lies_within_the_stated_error_of_what_was_measured(name: str) -> None:
    assert max(abs(error) for error in _errors(name)) < WORST_ERROR


def test_the_median_error_is_the_stated_one() -> None:
    assert median(abs(error) for name in MEASURED for error in _errors(name)) < MEDIAN_ERROR


@given(name=st.sampled_from(sorted(RELEASED)), batch=st.integers(1, 64), length=st.integers(1, 100_000))
def test_more_tokens_never_take_less(name: str, batch: int, length: int) -> None:
    def taken(batch_size: int, seq_length: int) -> int:
        workload = Workload(batch_size=batch_size, seq_length=seq_length)
        return Transformers().activations(released(name), workload, "bf16").num_bytes

    assert 0 < taken(batch, length) <= taken(batch + 1, length)
    assert taken(batch, length) <= taken(batch, length + 1)


def test_fp32_takes_twice_as_much_per_token() -> None:
    llama, workload = released("llama"), Workload(seq_length=8192)
    wide, narrow = (Transformers().activations(llama, workload, dtype).num_bytes for dtype in ("fp32", "bf16"))
    ids = 8192 * 8
    assert wide - ids == 2 * (narrow - ids)


@pytest.mark.parametrize("name", ["llama", "mixtral", "deepseek_v3"])
def test_tensor_parallel_divides_the_blocks_and_not_the_residual_stream(name: str) -> None:
    one, eight = (
        Transformers().activations(released(name), Workload(tensor_parallel=ranks), "bf16").num_bytes
        for ranks in (1, 8)
    )
    assert one / 8 < eight < one
