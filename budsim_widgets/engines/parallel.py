"""How a model is spread over devices: tensor parallel within layers, pipeline parallel across them.

As vLLM, Megatron and transformers split: matrices, experts, embedding and head over the ranks, norms and routers
repeated, equal layers divided evenly over the pipeline stages. An engine that does otherwise says so itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, LatentCache
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.architectures.parts import Module, Stack
from budsim_widgets.engines.answers import DeviceShare, Spread
from budsim_widgets.engines.stages import stage_shares
from budsim_widgets.errors import WorkloadError
from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Part
    from budsim_widgets.engines.answers import CacheBytes
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.formats.stored import StoredTensors, StoredWeights

_NOTE: Final = (
    "Split over devices as vLLM splits: matrices, experts, embedding and head over the tensor-parallel ranks, norms "
    "and routers repeated, equal layers divided evenly over the pipeline stages. An estimate, since engines differ in "
    "small tensors."
)

_SPLIT_ROLES: Final = frozenset({"linear", "experts", "embedding", "head", "conv"})
_KEY_VALUE_NAMES: Final = (".k_proj.weight", ".v_proj.weight")
_REPEATED_NAMES: Final = (".q_a_proj.weight", ".kv_a_proj_with_mqa.weight")
"""Projections into the latent of MLA, which every device needs whole."""


class Heads(NamedTuple):
    """Attention heads of a model; 0 where it has none."""

    query: int
    key_value: int


def spread(architecture: Architecture, workload: EngineWorkload, stored: StoredWeights, cache: CacheBytes) -> Spread:
    """Weights and cache on each device; the ranks of a stage hold the same.

    Raises:
        WorkloadError: The heads can't be divided by `tensor_parallel`, or there are fewer layers than stages.
    """
    if workload.num_devices == 1:
        return Spread((DeviceShare(stored.num_bytes, cache.kv_cache_bytes, cache.state_bytes),))
    check_parallel(architecture, workload)
    shares = stage_shares(num_layers(architecture), workload.pipeline_parallel)
    stages = weight_bytes_per_stage(architecture, stored.tensors, workload)
    kv_bytes, state_bytes = cache_bytes_per_rank(architecture, workload, cache)
    devices = (
        DeviceShare(weight_bytes, int(kv_bytes * share), int(state_bytes * share))
        for weight_bytes, share in zip(stages, shares, strict=True)
        for _ in range(workload.tensor_parallel)
    )
    return Spread(tuple(devices), basis="estimate", notes=(_NOTE,))


def check_parallel(architecture: Architecture, workload: EngineWorkload) -> None:
    """Refuses what no engine can split.

    Raises:
        WorkloadError: The heads can't be divided by `tensor_parallel`, or there are fewer layers than stages.
    """
    stages, layers = workload.pipeline_parallel, num_layers(architecture)
    if stages > layers:
        raise WorkloadError(
            f"The model has {layers} layers, which can't be divided over {stages} pipeline stages.",
            field="pipeline_parallel",
            next_step=f"Choose pipeline_parallel up to {layers}.",
        )
    ranks, heads = workload.tensor_parallel, heads_of(architecture)
    if not divides(ranks, heads):
        possible = [str(count) for count in range(1, 65) if divides(count, heads)]
        raise WorkloadError(
            f"The model has {heads.query} attention heads and {heads.key_value} of keys and values, "
            f"which can't be divided by {ranks}.",
            field="tensor_parallel",
            next_step=f"Choose tensor_parallel from {', '.join(possible)}.",
        )


def divides(ranks: int, heads: Heads) -> bool:
    """Whether heads can be split: query heads evenly, key heads evenly or each repeated on as many devices.

    Example:
        >>> divides(16, Heads(64, 8)), divides(6, Heads(64, 8)), divides(2, Heads(71, 1))
        (True, False, False)
    """
    if heads.query % ranks:
        return False
    return not heads.key_value or heads.key_value % ranks == 0 or ranks % heads.key_value == 0


@kept_with_architecture
def heads_of(architecture: Architecture) -> Heads:
    """The heads that the layers of a model have in common."""
    found = [cache for cache, _ in architecture.layer_caches if isinstance(cache, AttentionCache)]
    if found:
        return Heads(found[0].num_attention_heads, min(cache.num_key_value_heads for cache in found))
    if any(isinstance(cache, LatentCache) for cache, _ in architecture.layer_caches):
        return Heads(int(architecture.config.get("num_attention_heads") or 0), 0)
    return Heads(0, 0)


@kept_with_architecture
def num_layers(architecture: Architecture) -> int:
    """Layers of the longest stack of the model."""
    return max((_length(stack) for stack in stacks_in(architecture.root)), default=1)


def weight_bytes_per_stage(
    architecture: Architecture, stored: Sequence[StoredTensors], workload: EngineWorkload
) -> tuple[int, ...]:
    """Weights of one device of each stage.

    The embedding stands on the first stage, the head and what follows the layers on the last; a tied embedding on both.
    """
    ranks, heads = workload.tensor_parallel, heads_of(architecture)
    shares = stage_shares(num_layers(architecture), workload.pipeline_parallel)
    in_layers = first = last = 0
    has_head = any(tensors.role == "head" for tensors in stored)
    for tensors in stored:
        on_one = _bytes_on_one_rank(tensors, ranks, heads)
        if "*" in tensors.name:
            in_layers += on_one
        elif tensors.role == "embedding":
            first += on_one
            last += 0 if has_head or len(shares) == 1 else on_one
        else:
            last += on_one
    stages = [int(in_layers * share) for share in shares]
    stages[0] += first
    stages[-1] += last
    return tuple(stages)


def cache_bytes_per_rank(architecture: Architecture, workload: EngineWorkload, cache: CacheBytes) -> tuple[int, int]:
    """Bytes of keys and values, and of states, on one of the tensor-parallel ranks, of all layers."""
    ranks, tokens = workload.tensor_parallel, workload.seq_length
    all_elements = held = 0.0
    for layer, count in architecture.layer_caches:
        elements = count * layer.kv_elements(tokens, tokens)
        all_elements += elements
        held += elements * cache_share(layer, ranks)
    kv_bytes = int(cache.kv_cache_bytes * held / all_elements) if all_elements else 0
    return kv_bytes, ceil_div(cache.state_bytes, ranks)


def cache_share(cache: LayerCache, ranks: int) -> float:
    """The part of a layer's keys and values that one device holds.

    Heads are divided, and repeated once there are fewer of them than devices; the latent of MLA is repeated.

    Example:
        8 heads on 16 devices: one on each, an eighth of the layer's.

        >>> gqa = AttentionCache(num_attention_heads=64, num_key_value_heads=8, key_head_dim=128, value_head_dim=128)
        >>> cache_share(gqa, 4), cache_share(gqa, 16)
        (0.25, 0.125)
    """
    if isinstance(cache, LatentCache):
        return 1.0
    if isinstance(cache, AttentionCache):
        return ceil_div(cache.num_key_value_heads, ranks) / cache.num_key_value_heads
    return 1.0 / ranks


def _bytes_on_one_rank(tensors: StoredTensors, ranks: int, heads: Heads) -> int:
    if ranks == 1 or tensors.role not in _SPLIT_ROLES or tensors.name.endswith(_REPEATED_NAMES):
        return tensors.num_bytes
    if heads.key_value and tensors.name.endswith(_KEY_VALUE_NAMES):
        return ceil_div(tensors.num_bytes, min(ranks, heads.key_value))
    return ceil_div(tensors.num_bytes, ranks)


def stacks_in(part: Part) -> Iterator[Stack]:
    """The runs of layers in a part of a model, in its order."""
    if isinstance(part, Stack):
        yield part
    elif isinstance(part, Module):
        for child in part.children.values():
            yield from stacks_in(child)


def _length(stack: Stack) -> int:
    return sum(len(indexes) for _, indexes in stack.kinds)
