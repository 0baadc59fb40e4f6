"""Attention blocks, each with the cache that it keeps."""

from __future__ import annotations

from budsim_widgets.architectures.blocks.layers import linear, rms_norm
from budsim_widgets.architectures.cache import (
    AttentionCache,
    CrossAttentionCache,
    LatentCache,
    LayerCache,
    SlidingWindowCache,
)
from budsim_widgets.architectures.parts import Module, Part, module


def kv_cache(
    num_attention_heads: int,
    num_key_value_heads: int,
    head_dim: int,
    *,
    value_head_dim: int | None = None,
    window: int | None = None,
) -> AttentionCache:
    """The keys and values of a layer: all tokens', or with a `window` the last ones'.

    Args:
        num_attention_heads: Query heads.
        num_key_value_heads: Heads that are kept.
        head_dim: Dimension of a key.
        value_head_dim: Dimension of a value, where they differ from a key's.
        window: Tokens that a query attends to, itself included; None for all.
    """
    value_head_dim = head_dim if value_head_dim is None else value_head_dim
    if window is None:
        return AttentionCache(
            num_attention_heads=num_attention_heads,
            num_key_value_heads=num_key_value_heads,
            key_head_dim=head_dim,
            value_head_dim=value_head_dim,
        )
    return SlidingWindowCache(
        num_attention_heads=num_attention_heads,
        num_key_value_heads=num_key_value_heads,
        key_head_dim=head_dim,
        value_head_dim=value_head_dim,
        window=window,
    )


def attention(  # noqa: PLR0913 - the dimensions of an attention block
    hidden_size: int,
    num_attention_heads: int,
    num_key_value_heads: int,
    head_dim: int,
    *,
    bias: bool = False,
    key_bias: bool | None = None,
    out_bias: bool | None = None,
    window: int | None = None,
    names: tuple[str, str, str, str] = ("q_proj", "k_proj", "v_proj", "o_proj"),
    cached: bool = True,
    **more: Part | None,
) -> Module:
    """Attention with separate query, key, value and output projections (MHA, GQA, MQA).

    Args:
        hidden_size: Hidden size of the model.
        num_attention_heads: Query heads.
        num_key_value_heads: Key and value heads.
        head_dim: Dimension of a head.
        bias: Whether query, key and value have a bias.
        key_bias: Whether the keys have one; None: as the others.
        out_bias: Whether the output has one; None: as the others.
        window: Tokens that a query attends to, itself included; None for all.
        names: Names of the four projections.
        cached: False where nothing is kept (encoders, layers that share another's keys).
        more: Further parts, such as `q_norm`.
    """
    query, key, value, out = names
    q_size, kv_size = num_attention_heads * head_dim, num_key_value_heads * head_dim
    queries, values = linear(hidden_size, q_size, bias=bias), linear(hidden_size, kv_size, bias=bias)
    return module(
        {
            query: queries,
            key: values if key_bias is None else linear(hidden_size, kv_size, bias=key_bias),
            value: values,
            out: linear(q_size, hidden_size, bias=bias if out_bias is None else out_bias),
            **more,
        },
        cache=kv_cache(num_attention_heads, num_key_value_heads, head_dim, window=window) if cached else None,
    )


def fused_attention(  # noqa: PLR0913 - the dimensions of an attention block
    hidden_size: int,
    num_attention_heads: int,
    num_key_value_heads: int,
    head_dim: int,
    *,
    bias: bool = False,
    out_bias: bool | None = None,
    window: int | None = None,
    names: tuple[str, str] = ("qkv_proj", "o_proj"),
    cached: bool = True,
    **more: Part | None,
) -> Module:
    """Attention whose query, key and value projections are one matrix; arguments as of `attention`."""
    qkv, out = names
    q_size, kv_size = num_attention_heads * head_dim, num_key_value_heads * head_dim
    return module(
        {
            qkv: linear(hidden_size, q_size + 2 * kv_size, bias=bias),
            out: linear(q_size, hidden_size, bias=bias if out_bias is None else out_bias),
            **more,
        },
        cache=kv_cache(num_attention_heads, num_key_value_heads, head_dim, window=window) if cached else None,
    )


def latent_attention(  # noqa: PLR0913 - the dimensions of an attention block
    hidden_size: int,
    num_attention_heads: int,
    *,
    q_lora_rank: int | None,
    kv_lora_rank: int,
    qk_nope_head_dim: int,
    qk_rope_head_dim: int,
    v_head_dim: int,
    bias: bool = False,
    cache: LayerCache | None = None,
    **more: Part | None,
) -> Module:
    """Multi-head latent attention (MLA): keys and values are kept compressed.

    Args:
        hidden_size: Hidden size of the model.
        num_attention_heads: Heads.
        q_lora_rank: Dimension to which queries are compressed; None: they aren't.
        kv_lora_rank: Dimension to which keys and values are compressed; this is what the cache holds.
        qk_nope_head_dim: Dimension of a head's part without a position.
        qk_rope_head_dim: Dimension of a head's part with a rotary position, shared by all heads of a key.
        v_head_dim: Dimension of a value.
        bias: Whether the compressing projections and the output have a bias.
        cache: What is kept; None: the latent and the rotary key of every token.
        more: Further parts, such as an indexer.
    """
    q_size = num_attention_heads * (qk_nope_head_dim + qk_rope_head_dim)
    if q_lora_rank is None:
        queries: dict[str, Part | None] = {"q_proj": linear(hidden_size, q_size)}
    else:
        queries = {
            "q_a_proj": linear(hidden_size, q_lora_rank, bias=bias),
            "q_a_layernorm": rms_norm(q_lora_rank),
            "q_b_proj": linear(q_lora_rank, q_size),
        }
    return module(
        {
            **queries,
            "kv_a_proj_with_mqa": linear(hidden_size, kv_lora_rank + qk_rope_head_dim, bias=bias),
            "kv_a_layernorm": rms_norm(kv_lora_rank),
            "kv_b_proj": linear(kv_lora_rank, num_attention_heads * (qk_nope_head_dim + v_head_dim)),
            "o_proj": linear(num_attention_heads * v_head_dim, hidden_size, bias=bias),
            **more,
        },
        cache=cache or LatentCache(kv_lora_rank=kv_lora_rank, rope_head_dim=qk_rope_head_dim),
    )


def cross_attention(  # noqa: PLR0913 - the dimensions of an attention block
    hidden_size: int,
    num_attention_heads: int,
    head_dim: int,
    *,
    bias: bool = False,
    key_bias: bool | None = None,
    out_bias: bool | None = None,
    num_key_value_heads: int | None = None,
    source_hidden_size: int | None = None,
    names: tuple[str, str, str, str] = ("q_proj", "k_proj", "v_proj", "o_proj"),
    fixed_tokens: int | None = None,
    cached: bool = True,
) -> Module:
    """Attention to an encoder's vectors; keeps their keys and values.

    Args:
        hidden_size: Hidden size of the model.
        num_attention_heads: Query heads.
        head_dim: Dimension of a head.
        bias: Whether the projections have biases.
        key_bias: Whether the keys have one; None: as the others.
        out_bias: Whether the output has one; None: as the others.
        num_key_value_heads: Key and value heads; None: as many as query heads.
        source_hidden_size: Hidden size of the vectors that it attends to; None: that of the model.
        names: Names of the four projections.
        fixed_tokens: Tokens of the encoder, where it always yields as many; None: as many as it reads.
        cached: False where there is no encoder to read.
    """
    query, key, value, out = names
    num_key_value_heads = num_attention_heads if num_key_value_heads is None else num_key_value_heads
    q_size, kv_size = num_attention_heads * head_dim, num_key_value_heads * head_dim
    source_hidden_size = hidden_size if source_hidden_size is None else source_hidden_size
    kept = CrossAttentionCache(
        num_attention_heads=num_attention_heads,
        num_key_value_heads=num_key_value_heads,
        key_head_dim=head_dim,
        value_head_dim=head_dim,
        fixed_tokens=fixed_tokens,
    )
    return module(
        {
            query: linear(hidden_size, q_size, bias=bias),
            key: linear(source_hidden_size, kv_size, bias=bias if key_bias is None else key_bias),
            value: linear(source_hidden_size, kv_size, bias=bias),
            out: linear(q_size, hidden_size, bias=bias if out_bias is None else out_bias),
        },
        cache=kept if cached else None,
    )
