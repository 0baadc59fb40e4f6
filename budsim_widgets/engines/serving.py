"""What the memory left for a cache serves, for engines that give each request a cache of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.engines.answers import Served
from budsim_widgets.formats.stored import NO_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.base import Engine
    from budsim_widgets.engines.engine_workload import EngineWorkload


def requests_in_room(
    engine: Engine, architecture: Architecture, workload: EngineWorkload, compute_dtype: str, room_bytes: Sequence[int]
) -> float | None:
    """Requests of `seq_length` tokens whose caches fit into what each device has left; None: they have no cache.

    Example:
        Llama-3.1-8B holds 131,072 bytes a token: 2,048 tokens take 256 MiB.

        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines import Transformers, Workload
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> requests_in_room(Transformers(), llama, Workload(), "bf16", [2**30])
        4.0
    """
    one = workload.changed(batch_size=1)
    cache = engine.cache(architecture, one, compute_dtype)
    devices = engine.spread(architecture, one, NO_WEIGHTS, cache).devices
    held = [share.kv_cache_bytes + share.state_bytes for share in devices]
    fitting = [max(0, room) / num_bytes for room, num_bytes in zip(room_bytes, held, strict=True) if num_bytes]
    return min(fitting, default=None)


def served_at_once(
    engine: Engine, architecture: Architecture, workload: EngineWorkload, compute_dtype: str, room_bytes: Sequence[int]
) -> Served:
    """What an engine serves that computes all requests of a batch together: the largest batch."""
    requests = requests_in_room(engine, architecture, workload, compute_dtype, room_bytes)
    return Served(int((requests or 0) * workload.seq_length), None)
