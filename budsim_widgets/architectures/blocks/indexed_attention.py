"""Latent attention to tokens that an indexer picks, and DeepSeek V3.2's decoder of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import deepseek_experts, mla
from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, pre_norm_layer, sparse_layers
from budsim_widgets.architectures.cache import LatentCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import extended, module, stack

if TYPE_CHECKING:
    from typing import Final

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part

_PATTERN: Final = {"F": "full", "S": "shared"}


def indexed_moe_decoder(c: Config, indexers: list[str]) -> Module:
    """DeepSeek V3.2's decoder.

    Args:
        c: The config.
        indexers: `full` or `shared`, layer by layer.
    """
    given_layer_types(c, "indexed_attention")
    sparse = sparse_layers(c, dense=c.first_k_dense_replace)

    def layer(indexer: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        return pre_norm_layer(c.hidden_size, indexed_attention(c, indexer), sparse_or_dense(c, sparse=is_sparse))

    return causal_lm(c, stack(zip(indexers, sparse, strict=True), layer), norm=rms_norm(c.hidden_size))


def sparse_or_dense(c: Config, *, sparse: bool) -> Module:
    """DeepSeek's experts, or a gated feed-forward block."""
    return deepseek_experts(c) if sparse else gated_mlp(c.hidden_size, c.intermediate_size)


def indexed_attention(c: Config, indexer: str, *, kept_dim: int | None = None, **more: Part) -> Module:
    """A layer's own indexer keeps a key of its own for every token.

    Args:
        c: The config.
        indexer: `full`, or `shared` where the layer has none of its own.
        kept_dim: Elements that the indexer keeps of a token; None: a key of `index_head_dim`.
        more: Further parts of the indexer.
    """
    hidden_size, rank, index_n_heads, head_dim = c.hidden_size, c.q_lora_rank, c.index_n_heads, c.index_head_dim
    if indexer == "shared":
        return mla(c)
    cache = LatentCache(
        kv_lora_rank=c.kv_lora_rank, rope_head_dim=c.qk_rope_head_dim, index_head_dim=kept_dim or head_dim
    )
    own = module(
        more,
        wq_b=linear(rank, index_n_heads * head_dim),
        wk=linear(hidden_size, head_dim),
        k_norm=layer_norm(head_dim),
        weights_proj=linear(hidden_size, index_n_heads),
    )
    return extended(mla(c, cache), {"indexer": own})


def indexer_types(c: Config) -> list[str]:
    """Listed, or as a pattern of F and S, or every so many layers behind the first ones."""
    pattern = c.get("indexer_types", c.get("index_topk_pattern"))
    if pattern is None:
        every, offset = max(c.get("index_topk_freq", 1), 1), c.get("index_skip_topk_offset", 2)
        return ["shared" if max(index - offset + 1, 0) % every else "full" for index in range(c.num_hidden_layers)]
    types = [_PATTERN.get(kind, kind) for kind in pattern]
    if len(types) < c.num_hidden_layers or not set(types) <= set(_PATTERN.values()):
        message = f"The indexers of {c.num_hidden_layers} layers must each be 'full' or 'shared'."
        raise inconsistent("indexer_types", message)
    return types[: c.num_hidden_layers]
