"""Groups, blocks, tokens and requests beside the answers of vLLM 0.33's own planning code (tools/oracle/vllm)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from budsim_widgets.architectures import build
from budsim_widgets.engines.vllm.layer_specs import CacheFormat
from budsim_widgets.engines.vllm.plan import cache_plan
from budsim_widgets.engines.vllm.specs import RequestLimits
from budsim_widgets.engines.vllm.versions import NEWEST

PACKED = {"CompressedSpec": "MLAAttentionSpec", "SlidingWindowMLASpec": "MLAAttentionSpec"}
"""Layers of DeepSeek-V4 are of one class here, of two there."""

PLANS = Path(__file__).with_name("plans.jsonl.gz")


def plans() -> list[dict[str, Any]]:
    with gzip.open(PLANS, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def shown(kind: str, num_layers: int, block_size: int, block_bytes: int) -> tuple[str, int, int, int]:
    """A group; a state has no tokens, and vLLM calls its block as long as the context where no prefix is cached."""
    return PACKED.get(kind, kind), num_layers, 0 if kind == "MambaSpec" else block_size, block_bytes


def planned(row: dict[str, Any]) -> dict[str, Any]:
    kv_bytes = {"auto": 2, "fp8": 1}[row["kv_cache_precision"]]
    form = CacheFormat(kv_bytes, 2, row["tensor_parallel"], row["block_size_given"])
    stages = row["pipeline_parallel"]
    plan = cache_plan(build(row["config"]), form, stages)
    limits = RequestLimits(
        max_model_len=row["max_model_len"],
        max_in_flight_tokens=(stages + 1) * row["max_num_batched_tokens"],
        max_num_encoder_input_tokens=row["max_num_batched_tokens"],
        state_pages=2 if row["prefix_caching"] else 1,
    )
    num_blocks = plan.num_blocks([row["pool_bytes"]] * stages)
    return {
        "groups": sorted(
            shown(type(group.layers[0].spec).__name__, len(group.layers), group.block_size, group.block_bytes())
            for group in plan.groups
        ),
        "num_blocks": num_blocks,
        "cache_tokens": plan.cache_tokens(num_blocks, limits, NEWEST),
        "max_concurrency": plan.max_concurrency(num_blocks, limits),
    }


def test_every_plan_is_the_one_of_vllm() -> None:
    wrong = []
    for row in plans():
        ours = planned(row)
        theirs = {key: sorted(shown(*group) for group in row[key]) if key == "groups" else row[key] for key in ours}
        if ours != theirs:
            wrong.append(f"{row['config']['model_type']}: {ours} is not {theirs}")
    assert len(plans()) >= 200
    assert wrong == [], f"{len(wrong)} of {len(plans())}"
