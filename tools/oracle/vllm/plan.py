"""Asks vLLM's own planning code how it groups and sizes the cache of our descriptions, and saves its answers.

    pip download vllm==0.33.0 --no-deps && unzip vllm-*.whl 'vllm/*.py' -d SRC
    PYTHONPATH=SRC:. python tools/oracle/vllm/plan.py tests/engines/vllm/plans.jsonl.gz

It needs torch and what vLLM imports, but no GPU and none of vLLM's compiled parts.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[2])]

from needed import need

need("torch", "vllm", hint="see the first lines of the file")

from specs import NotRunError, specs_of
from vllm.config import VllmConfig
from vllm.distributed.utils import get_pp_indices
from vllm.v1.core.kv_cache_planning import get_global_kv_cache_groups, get_kv_cache_configs
from vllm.v1.core.kv_cache_utils import get_kv_cache_capacity
from vllm.v1.kv_cache_interface import iter_layer_specs
from vllm.v1.kv_cache_layout import KVCacheLayout

from budsim_widgets.architectures import build
from budsim_widgets.engines.parallel import divides, heads_of
from budsim_widgets.engines.vllm.states import text_fields
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vllm.v1.kv_cache_interface import KVCacheGroupSpec

    from budsim_widgets.architectures import Architecture

ORACLE = Path("tests/architectures/oracle")
LENGTHS = (512, 2048, 4097, 8192, 32768, 100_000, 131072, 262144)
LARGEST_POOL = 2**45
REFUSALS = (AssertionError, ValueError, NotImplementedError, KeyError, ZeroDivisionError)
"""How vLLM says that it can't plan a model, such as one with a stage that keeps nothing."""


def configs() -> Iterator[dict[str, Any]]:
    """Released models, then the default of every class that generates."""
    for line in (ORACLE / "published.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)["config"]
    with gzip.open(ORACLE / "defaults.jsonl.gz", "rt", encoding="utf-8") as lines:
        seen = set()
        for line in lines:
            config = json.loads(line).get("config", {})
            if (kind := config.get("model_type")) and kind not in seen:
                seen.add(kind)
                yield config


def settings(architecture: Architecture, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Some ways to run a model."""
    heads = heads_of(architecture)
    ranks = [count for count in (1, 2, 4, 8) if divides(count, heads)] if heads.query else [1, 2]
    is_common = architecture.kind != "hybrid" and architecture.attention_type != "mla"
    for _ in range(2 if is_common and architecture.model_type != "deepseek_v4" else 5):
        yield {
            "tensor_parallel": chance.choice(ranks),
            "pipeline_parallel": chance.choice([1, 1, 1, 2, 3]),
            "kv_cache_precision": chance.choice(["auto", "auto", "fp8"]),
            "max_model_len": chance.choice(LENGTHS),
            "max_num_batched_tokens": chance.choice([512, 2048, 8192, 16384]),
            "prefix_caching": chance.choice([True, False]),
            "block_size": chance.choice([16, 16, 16, 32, 64]),
        }


def vllm_config(architecture: Architecture, given: dict[str, Any]) -> Any:
    """As much of a `VllmConfig` as planning reads."""
    found = SimpleNamespace(
        model_config=SimpleNamespace(
            max_model_len=given["max_model_len"],
            original_max_model_len=given["max_model_len"],
            dtype=__import__("torch").bfloat16,
            architecture=architecture.architecture,
            use_mla=False,
            supports_kv_cache_grouping=False,
        ),
        parallel_config=SimpleNamespace(
            tensor_parallel_size=given["tensor_parallel"],
            pipeline_parallel_size=given["pipeline_parallel"],
            decode_context_parallel_size=1,
        ),
        cache_config=SimpleNamespace(
            block_size=given["block_size"],
            cache_dtype={"auto": "auto", "fp8": "fp8"}[given["kv_cache_precision"]],
            mamba_block_size=given["block_size"] if given["prefix_caching"] else given["max_model_len"],
            mamba_cache_mode="align" if given["prefix_caching"] else "none",
            mamba_page_size_padded=None,
            num_gpu_blocks_override=None,
            prefix_cache_retention_interval=None,
            get_resolved_kv_cache_layout=lambda: KVCacheLayout.LBNHC,
        ),
        scheduler_config=SimpleNamespace(
            disable_hybrid_kv_cache_manager=False,
            max_num_batched_tokens=given["max_num_batched_tokens"],
            max_num_encoder_input_tokens=given["max_num_batched_tokens"],
            async_scheduling=True,
        ),
        attention_config=SimpleNamespace(hisparse_config=None),
        speculative_config=None,
        num_prefill_lookahead_tokens=0,
        use_v2_model_runner=True,
    )
    found.max_concurrent_batches = VllmConfig.max_concurrent_batches.fget(found)
    found.max_in_flight_tokens = VllmConfig.max_in_flight_tokens.fget(found)
    return found


def answer(architecture: Architecture, given: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """What vLLM plans: groups, blocks, tokens and requests."""
    config, fields = vllm_config(architecture, given), dict(text_fields(architecture.config))
    fields.setdefault("model_type", architecture.model_type)
    specs = specs_of(architecture, config, fields)
    if not specs:
        raise NotRunError("nothing is kept")
    layers = max(fields.get("num_hidden_layers") or 0, 1 + max(int(name.split(".")[2]) for name in specs))
    stages = [get_pp_indices(layers, stage, given["pipeline_parallel"]) for stage in range(given["pipeline_parallel"])]
    workers = [
        {name: spec for name, spec in specs.items() if first <= int(name.split(".")[2]) < last}
        for first, last in stages
    ]
    groups = get_global_kv_cache_groups(config, [dict(worker) for worker in workers])
    largest = get_kv_cache_configs(config, [dict(worker) for worker in workers], [LARGEST_POOL] * len(workers), groups)
    _, most = get_kv_cache_capacity(config, largest[0])
    pool = int(LARGEST_POOL / most * chance.uniform(1.6, 40)) + chance.randrange(10**6)
    planned = get_kv_cache_configs(config, [dict(worker) for worker in workers], [pool] * len(workers), groups)
    tokens, concurrency = get_kv_cache_capacity(config, planned[0])
    return {
        "pool_bytes": pool,
        "groups": [shown(group) for group in groups],
        "block_size_given": given["block_size"],
        "block_size": config.cache_config.block_size,
        "num_blocks": planned[0].num_blocks,
        "cache_tokens": tokens,
        "max_concurrency": concurrency,
    }


def shown(group: KVCacheGroupSpec) -> list[Any]:
    """[kind, number of layers, tokens of a block, bytes of a block of all its layers]."""
    specs = list(iter_layer_specs(group.kv_cache_spec))
    of_each = len(specs) == len(group.layer_names)
    page = sum(spec.page_size_bytes for spec in specs) if of_each else len(group.layer_names) * specs[0].page_size_bytes
    return [type(specs[0]).__name__, len(group.layer_names), specs[0].block_size, page]


def main(path: str) -> None:
    """Writes a line for each model and way to run it."""
    chance = random.Random(14)  # noqa: S311 - the same cases every time
    left_out: dict[str, int] = {}
    count = 0
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        for config in configs():
            try:
                architecture = build(config)
            except ConfigError:
                continue
            for given in settings(architecture, chance):
                try:
                    row = {"config": config, **given, **answer(architecture, given, chance)}
                except REFUSALS as error:
                    reason = f"{architecture.model_type}: {type(error).__name__} {str(error)[:90]}"
                    left_out[reason] = left_out.get(reason, 0) + 1
                    continue
                file.write(json.dumps(row).encode() + b"\n")
                count += 1
    sys.stdout.write(f"{count} plans\n" + "".join(f"left out: {reason}\n" for reason in left_out))


if __name__ == "__main__":
    main(sys.argv[1])
