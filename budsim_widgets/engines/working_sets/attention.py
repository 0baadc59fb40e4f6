"""What an attention block holds: its projections, the rotation of queries and keys, the scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.dimensions import linear_shapes
from budsim_widgets.engines.working_sets.held import Held

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import AttentionCache, CrossAttentionCache
    from budsim_widgets.architectures.parts import Module
    from budsim_widgets.engines.working_sets.computation import Computation

LOG_SUM_BYTES: Final = 4
"""A fused kernel returns the logarithm of each row's sum, in fp32."""
_FP32_POSITIONS: Final = 12
"""Cosines and sines in fp32, and the repeated halves of one, for each element of a head."""
_ROTATION_COPIES: Final = 3
"""`q * cos + rotate_half(q) * sin`: the first product, the rotated halves, the second product."""

_APART_COPIES: Final = 3.5
"""While `rotate_half` of queries that were cast for it joins its halves: beside product, cast and result half of it."""


class Heads(NamedTuple):
    """An attention block's widths, in elements a token.

    Attributes:
        num_heads: Query heads.
        query: All queries.
        key: Keys that are kept.
        value: Values that are kept.
        result: The result of all heads.
        window: Tokens that a query sees; 0: all.
        repeats: Whether keys and values are repeated for each query head.
        has_norms: Whether queries and keys pass a norm.
        is_fused: Whether queries, keys and values are one matrix.
        has_result_norm: Whether the result passes a norm.
        rotated: The part of each head that is rotated.
        rotary: How queries and keys are rotated: `Code.rotary`, or `none` in a layer that doesn't.
    """

    num_heads: int
    query: int
    key: int
    value: int
    result: int
    window: int
    repeats: bool
    has_norms: bool
    is_fused: bool
    has_result_norm: bool
    rotated: float
    rotary: str

    @classmethod
    def of(cls, part: Module, cache: AttentionCache, run: Computation) -> Heads:
        """The widths of a block that keeps keys and values."""
        query = cache.num_attention_heads * cache.key_head_dim
        linears = linear_shapes(part)
        window = getattr(cache, "window", 0)
        return cls(
            num_heads=cache.num_attention_heads,
            query=query,
            key=cache.num_key_value_heads * cache.key_head_dim,
            value=cache.num_key_value_heads * cache.value_head_dim,
            result=cache.num_attention_heads * cache.value_head_dim,
            window=window,
            repeats=run.code.repeats_keys and cache.num_key_value_heads < cache.num_attention_heads,
            has_norms=run.code.qk_norm or not part.children.keys().isdisjoint(_QUERY_NORMS),
            is_fused=any(shape[0] > query for shape in linears[:-1]) or "c_attn" in part.children,
            has_result_norm="attn_sub_norm" in part.children,
            rotated=run.rotated,
            rotary=run.code.rotary if window or run.code.rotates == "all" else "none",
        )

    @classmethod
    def of_encoder(cls, run: Computation) -> Heads | None:
        """The widths of an encoder's block, which are as wide as the model; None where its heads aren't known."""
        names = ("encoder_attention_heads", "num_attention_heads", "n_heads", "num_heads")
        heads = next((run.config[name] for name in names if isinstance(run.config.get(name), int)), 0)
        if not heads:
            return None
        hidden = run.hidden
        return cls(
            num_heads=heads,
            query=hidden,
            key=hidden,
            value=hidden,
            result=hidden,
            window=0,
            repeats=False,
            has_norms=False,
            is_fused=False,
            has_result_norm=False,
            rotated=run.rotated,
            rotary=run.code.rotary,
        )


_QUERY_NORMS: Final = ("q_norm", "q_layernorm", "query_layernorm", "query_norm", "qk_norm")


def attention_moments(heads: Heads, run: Computation, stream: float) -> list[Held]:
    """The highest moments of an attention block.

    Its keys and values count as cache once they are there: until then they stand in place of it.

    Args:
        heads: The block.
        run: How it computes.
        stream: Bytes a token of the residual stream beside it, its own input included.
    """
    code, width = run.code, run.width
    queries, keys = width * heads.query, width * heads.key
    own = keys + width * heads.value
    # A fused projection stays whole while its parts are used; the cache holds copies of keys and values.
    fused = queries + own if heads.is_fused else 0
    held: float = fused + queries if heads.rotary != "none" or not fused else fused
    if code.gates_result:
        held += width * heads.result
    if code.keeps_rotated:
        held += (queries + keys) * (1 + heads.rotated)
    result = width * heads.result
    before = (fused or queries + own) - own
    blocks = [_rotation_block(heads, run, before)]
    if heads.has_norms:
        norm = run.norm_bytes
        blocks.append((fused or queries) - own + norm * heads.query)
        blocks.append(fused + queries - own + norm * heads.key if fused else queries + keys - own + norm * heads.key)
    if heads.has_result_norm:
        blocks.append(held + (width + run.norm_bytes) * heads.result)
    if run.attention != "eager":
        blocks.append(held + result + LOG_SUM_BYTES * heads.num_heads)
    moments = [Held(stream, max(blocks)), Held(stream + run.stream_bytes, held + result)]
    if heads.rotary == "fp32_products":
        products = _ROTATION_COPIES * (FP32_BYTES * heads.query * heads.rotated)
        moments.append(Held(stream, before + products, position=_FP32_POSITIONS * heads.query / heads.num_heads))
    return moments + _scores(heads, run, stream, held)


def encoder_moments(heads: Heads, run: Computation, stream: float) -> list[Held]:
    """The moments of an encoder's block: its keys and values stand beside, since nothing keeps them."""
    own = run.width * (heads.key + heads.value)
    return [one.plus(Held(block=own)) for one in attention_moments(heads, run, stream)]


def cross_moment(heads: Heads, cache: CrossAttentionCache, run: Computation, stream: float) -> Held:
    """Attention to an encoder's tokens, whose keys and values are kept; in eager its scores beside the layer's own.

    Args:
        heads: The layer's own attention, which has as many heads.
        cache: What is kept of the encoder's tokens: so many, or as many as the prompt has.
        run: How it computes.
        stream: Bytes a token of the residual stream beside it, its own input included.
    """
    queries = run.width * heads.query
    if run.attention != "eager":
        return Held(stream, queries + run.width * heads.result + LOG_SUM_BYTES * heads.num_heads)
    kept, scores = run.kept_score_bytes * heads.num_heads, run.softmax_bytes * heads.num_heads
    if cache.fixed_tokens is None:
        return Held(stream, queries + (run.width * (heads.query + heads.result) if heads.repeats else 0), kept + scores)
    return Held(stream, queries + cache.fixed_tokens * scores, kept)


def _rotation_block(heads: Heads, run: Computation, before: float) -> float:
    """The most while queries and keys are rotated; queries first, and their original and result wait for the keys."""
    if heads.rotary == "none":
        return before
    width = run.width if heads.rotary == "halves" else FP32_BYTES
    if heads.rotary == "fp32_apart" and run.is_cast:
        query, key = width * heads.query * heads.rotated, width * heads.key * heads.rotated
        return before + max(_APART_COPIES * query, query + _APART_COPIES * key)
    if heads.rotary == "fp32" and run.is_cast:  # both are cast first
        before += FP32_BYTES * (heads.query + heads.key)
    query, key = width * heads.query * heads.rotated, width * heads.key * heads.rotated
    return before + max(_ROTATION_COPIES * query, query + _ROTATION_COPIES * key)


def _scores(heads: Heads, run: Computation, stream: float, held: float) -> list[Held]:
    """The matrix of scores with its softmax, or the mask that a fused kernel is given; none where there is neither."""
    code, width = run.code, run.width
    repeated = width * (heads.query + heads.result) if heads.repeats else 0
    if run.attention == "eager":
        earlier = width if code.keeps_scores == "next" else 0
        moments = [
            Held(stream, held + repeated, square=(earlier + run.softmax_bytes) * heads.num_heads),
            # heads that are wide beside a short prompt: the result, and once more with the tokens before the heads
            Held(stream, held + repeated + 2 * width * heads.result, square=(earlier + width) * heads.num_heads),
        ]
        if code.results_beside_scores:
            results = code.results_beside_scores * width * heads.result
            both = width * (1 + code.score_copies)
            moments.append(Held(stream, held + repeated + results, square=(earlier + both) * heads.num_heads))
        return moments
    if code.position_bias:  # joined with the mask, and once more in the order that the kernel wants
        block = held + width * heads.result + LOG_SUM_BYTES * heads.num_heads
        return [Held(stream, block, shared_mask=2 * width * heads.num_heads + 1)]
    if run.attention == "flash" or not (heads.window or code.masks == "always") or code.masks == "never":
        return []
    # A kernel that is given a mask takes no shared keys, and wants the mask in numbers.
    block = held + width * heads.result + LOG_SUM_BYTES * heads.num_heads + repeated
    return [Held(stream, block, mask=width, above=0 if code.masks == "always" else heads.window)]
