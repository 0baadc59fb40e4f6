from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import Architecture, build
from budsim_widgets.engines import Workload
from budsim_widgets.engines.llama_cpp.cells import Context
from budsim_widgets.engines.llama_cpp.compute import compute_buffer, shape_of
from budsim_widgets.engines.llama_cpp.context import total_bytes
from budsim_widgets.memory import measure

ALLOCATED: dict[str, Any] = json.loads(gzip.decompress((Path(__file__).parent / "allocated.json.gz").read_bytes()))
MODELS = ALLOCATED["models"]
CASES = [(name, case) for name, model in MODELS.items() for case in model["cases"]]
CACHE_TYPES = {None: "F16", 8: "Q8_0", 2: "Q4_0"}
MIB = 2**20


@cache
def model(name: str) -> Architecture:
    return build(MODELS[name]["config"])


def context_of(settings: dict[str, Any]) -> Context:
    sequences = settings.get("n_seq_max", 1)
    return Context.of(
        sequences,
        settings["n_ctx"] // sequences,
        ubatch_size=settings.get("n_ubatch", 512),
        unified=settings.get("kv_unified", False) or sequences == 1,
        swa_full=settings.get("swa_full", True),
        cache_type=CACHE_TYPES[settings.get("type_k")],
    )


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda value: str(value)[:60])
def test_the_cache_is_what_the_library_allocates(name: str, case: dict[str, Any]) -> None:
    held = total_bytes(model(name), context_of(case["settings"]))
    assert held.kv_cache_bytes / MIB == pytest.approx(sum(case["kv_mib"]), abs=0.005 * len(case["kv_mib"]) + 1e-6)
    assert held.state_bytes == 0


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda value: str(value)[:60])
def test_the_compute_buffer_of_the_library_lies_in_the_range(name: str, case: dict[str, Any]) -> None:
    settings = case["settings"]
    buffer = compute_buffer(
        shape_of(model(name)), context_of(settings), flash_attention=settings.get("flash_attn_type", 1) == 1
    )
    assert buffer.least_bytes <= case["compute_mib"] * MIB <= buffer.most_bytes


def test_windows_that_llama_cpp_ignores_take_every_token() -> None:
    config = {**MODELS["meta-llama/Meta-Llama-3-8B"]["config"], "model_type": "mistral", "sliding_window": 4096}
    report = measure(
        build({**config, "architectures": ["MistralForCausalLM"]}), Workload(engine="llama.cpp", seq_length=32768)
    )
    assert report.kv_cache_bytes == 4096 * MIB


def test_recurrent_states_are_held_for_each_sequence_whatever_the_context() -> None:
    """Qwen3.6-27B, as public load logs print it: 149.62 MiB a sequence."""
    config = {
        "model_type": "qwen3_5_text",
        "hidden_size": 5120,
        "intermediate_size": 17408,
        "num_hidden_layers": 64,
        "num_attention_heads": 24,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "vocab_size": 248320,
        "linear_num_value_heads": 48,
        "linear_num_key_heads": 16,
        "linear_key_head_dim": 128,
        "linear_value_head_dim": 128,
        "linear_conv_kernel_dim": 4,
    }
    reports = [
        measure(build(config), Workload(engine="llama.cpp", batch_size=batch, seq_length=length // batch))
        for batch, length in ((1, 32768), (1, 131072), (4, 131072))
    ]
    assert [round(report.state_bytes / MIB, 2) for report in reports] == [149.62, 149.62, 598.5]
    assert reports[0].kv_cache_bytes == 2048 * MIB
