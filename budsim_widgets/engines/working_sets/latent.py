"""What multi-head latent attention holds: keys and values stand whole beside the latents that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.engines.working_sets.attention import LOG_SUM_BYTES
from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.held import Held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures.cache import LatentCache
    from budsim_widgets.engines.working_sets.computation import Computation

_INT32_BYTES: Final = 4


class LatentHeads(NamedTuple):
    """The widths of latent attention.

    Attributes:
        num_heads: Heads.
        nope: Dimension of a head's part without a position.
        rope: Dimension of its rotated part.
        value: Dimension of a value.
        rank: Dimension of the latent.
        index_heads: Heads of the indexer that picks tokens; 0: there is none.
        index_dim: Dimension of one of them.
        query_rank: Dimension to which queries are compressed; 0: they aren't.
        repeats: Times that each head's key and value are repeated, where a config has fewer of them; 1: they aren't.
    """

    num_heads: int
    nope: int
    rope: int
    value: int
    rank: int
    index_heads: int
    index_dim: int
    query_rank: int
    repeats: int

    @classmethod
    def of(cls, cache: LatentCache, config: Mapping[str, Any]) -> LatentHeads:
        """The widths from what is kept, and from the config."""
        nope = int(config.get("qk_nope_head_dim") or 0)
        # what an indexer keeps may be a cache of its own
        index_dim = cache.index_head_dim or int(config.get("index_head_dim") or 0)
        return cls(
            num_heads=int(config.get("num_attention_heads") or 0),
            nope=nope,
            rope=cache.rope_head_dim,
            value=int(config.get("v_head_dim") or nope),
            rank=cache.kv_lora_rank,
            index_heads=int(config.get("index_n_heads") or 0) if index_dim else 0,
            index_dim=index_dim,
            query_rank=int(config.get("q_lora_rank") or 0),
            repeats=_repeats(config),
        )

    @property
    def query(self) -> int:
        """All queries, and all keys."""
        return self.num_heads * (self.nope + self.rope)


def latent_moments(heads: LatentHeads, run: Computation, stream: float) -> list[Held]:
    """The highest moments of latent attention.

    Queries stand projected and joined anew with their rotated part; keys are joined too, values are a part of what the
    latents expand to.

    Args:
        heads: The block.
        run: How it computes.
        stream: Bytes a token of the residual stream beside it, its own input included.
    """
    width = run.width
    expanded = heads.num_heads * (heads.nope + heads.value)
    block = width * (3 * heads.query + heads.num_heads * heads.rope + expanded)
    result = width * heads.num_heads * heads.value
    core = block + (
        heads.repeats * (width * heads.query + result) if heads.repeats > 1 and run.code.repeats_keys else 0
    )
    stream += width * (heads.rank + heads.rope + (heads.query_rank if heads.index_heads else 0))
    mask = _INT32_BYTES if heads.index_heads else 0
    output = Held(stream + run.stream_bytes, block + result, mask=mask)
    if run.attention == "eager":
        moments = [Held(stream, core, square=heads.num_heads * run.softmax_bytes, mask=mask), output]
    else:
        moments = [Held(stream, core + result + LOG_SUM_BYTES * heads.num_heads, mask=mask), output]
    if heads.index_heads:
        held = Held(stream, block, mask=mask)
        moments += [held.plus(scores) for scores in _indexer(heads, width)]
    return moments


def _indexer(heads: LatentHeads, width: int) -> list[Held]:
    """The indexer's scores in fp32, and their weighted copy; for several sequences its keys are copied for each query.

    A product of one sequence's queries with its keys reads the keys as they are.
    """
    queries = Held(stream=2 * width * heads.index_heads * heads.index_dim)
    cast = queries.plus(Held(stream=FP32_BYTES * heads.index_heads * heads.index_dim))
    scores = FP32_BYTES * heads.index_heads
    return [
        queries.plus(Held(mask=2 * scores)),
        cast.plus(Held(mask=scores)),
        cast.plus(Held(mask=scores + FP32_BYTES * heads.index_dim, least_batch=2)),
    ]


def _repeats(config: Mapping[str, Any]) -> int:
    heads, kept = (int(config.get(name) or 0) for name in ("num_attention_heads", "num_key_value_heads"))
    return heads // kept if 0 < kept < heads else 1
