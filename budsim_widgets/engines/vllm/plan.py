"""How many blocks, tokens and requests a pool of bytes gives: the numbers that vLLM's log prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.engines.vllm.grouping import cache_groups
from budsim_widgets.engines.vllm.layers import cached_layers, num_decoder_layers
from budsim_widgets.engines.vllm.packing import packed_groups
from budsim_widgets.engines.vllm.specs import CompressedSpec, MambaSpec
from budsim_widgets.engines.vllm.versions import FIRST_WITH_GRAPHS_COUNTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.vllm.grouping import Groups
    from budsim_widgets.engines.vllm.layer_specs import CacheFormat
    from budsim_widgets.engines.vllm.specs import KVCacheSpec, RequestLimits
    from budsim_widgets.engines.vllm.versions import Version


class CachePlan(NamedTuple):
    """The groups of a model and its pipeline stages.

    Attributes:
        groups: Layers that share a table of blocks.
        stages: For each pipeline stage, its first layer and the one after its last.
        block_bytes: Bytes of a block on a rank of each stage: those of its largest group.
        kinds: The different kinds of layers of each group.
    """

    groups: Groups
    stages: tuple[tuple[int, int], ...]
    block_bytes: tuple[int, ...]
    kinds: tuple[tuple[KVCacheSpec, ...], ...]

    def num_blocks(self, pool_bytes: Sequence[int]) -> int:
        """Blocks that fit: of the stage that has room for fewest, since all hand out the same ones."""
        return max(
            0, min((pool // size for pool, size in zip(pool_bytes, self.block_bytes, strict=True) if size), default=0)
        )

    def blocks_per_request(self, limits: RequestLimits) -> int:
        """Blocks that a request of `max_model_len` tokens takes of all groups together."""
        return sum(max(spec.blocks_per_request(limits) for spec in kinds) for kinds in self.kinds)

    def state_blocks_per_request(self, limits: RequestLimits) -> int:
        """Those of them that hold states."""
        return sum(kinds[0].blocks_per_request(limits) for kinds in self.kinds if isinstance(kinds[0], MambaSpec))

    def max_concurrency(self, num_blocks: int, limits: RequestLimits) -> float:
        """Requests of `max_model_len` tokens at once; not a whole number, as the log prints it."""
        needed = self.blocks_per_request(limits)
        return num_blocks / needed if needed else 0.0

    def cache_tokens(self, num_blocks: int, limits: RequestLimits, version: Version) -> int:
        """Tokens as the log prints them.

        Since 0.21 the tokens of as many requests of `max_model_len`; before, the blocks of one group, which for
        hybrid models says three or four times too little (vllm-project/vllm#40691).
        """
        if version >= FIRST_WITH_GRAPHS_COUNTED:
            return int(self.max_concurrency(num_blocks, limits) * limits.max_model_len)
        smallest = min((group.block_size for group in self.groups), default=0)
        return num_blocks // len(self.groups) * smallest if self.groups else 0


def stage_ranges(num_layers: int, stages: int) -> tuple[tuple[int, int], ...]:
    """The layers of each pipeline stage; what is left over goes to the last but one, and on towards the first.

    As `get_pp_indices` of `vllm/distributed/utils.py`.

    Example:
        >>> stage_ranges(62, 4)
        ((0, 15), (15, 31), (31, 47), (47, 62))
    """
    each, left_over = divmod(num_layers, stages)
    sizes = [each] * stages
    for place in range(2, left_over + 2):
        sizes[-place] += 1
    ends = [sum(sizes[: stage + 1]) for stage in range(stages)]
    return tuple((end - size, end) for size, end in zip(sizes, ends, strict=True))


@kept_with_architecture
def cache_plan(architecture: Architecture, form: CacheFormat, stages: int = 1) -> CachePlan:
    """The plan of a model.

    Args:
        architecture: The model.
        form: How keys, values and states are kept.
        stages: Pipeline stages.
    """
    cached, layers = cached_layers(architecture, form), num_decoder_layers(architecture)
    is_packed = any(isinstance(layer.spec, CompressedSpec) for layer in cached)
    groups = packed_groups(cached) if is_packed else cache_groups(cached)
    ranges = stage_ranges(layers, stages) if stages > 1 else ((0, layers),)
    sizes = tuple(max((group.block_bytes(first, last) for group in groups), default=0) for first, last in ranges)
    kinds = tuple(tuple({layer.spec: None for layer in group.layers}) for group in groups)
    return CachePlan(groups, ranges, sizes, kinds)
