from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.engines.llama_cpp.cells import Context
from budsim_widgets.engines.llama_cpp.compute import Shape, compute_buffer

LOGS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "compute_logs.json").read_text(encoding="utf-8"))[
    "logs"
]
MIB = 2**20


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log['id']}-{log['model']}")
def test_the_range_holds_what_a_log_prints(log: dict[str, Any]) -> None:
    hidden_size, vocab_size, heads, intermediate_size, used, width = log["shape"]
    shape = Shape.of_blocks(
        hidden_size=hidden_size,
        vocab_size=vocab_size,
        heads=heads,
        intermediate_size=intermediate_size,
        experts=(used, width),
    )
    context = Context.of(
        log["n_seq_max"],
        log["n_ctx"] // log["n_seq_max"],
        ubatch_size=log["n_ubatch"],
        unified=log["kv_unified"],
        swa_full=False,
        cache_type="F16",
    )
    buffer = compute_buffer(
        shape,
        context,
        flash_attention=log["flash_attn"],
        num_devices=len(log["compute_mib"]),
        host_tensor_bytes=log["host_tensor_bytes"],
    )
    assert buffer.least_bytes <= buffer.num_bytes <= buffer.most_bytes
    for mib in log["compute_mib"].values():
        assert buffer.least_bytes <= mib * MIB <= buffer.most_bytes
