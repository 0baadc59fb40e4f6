"""What vLLM keeps for one layer, from what the layer caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import (
    AttentionCache,
    CrossAttentionCache,
    IndexCache,
    LatentCache,
    RepeatedCache,
    SlidingWindowCache,
    StateCache,
)
from budsim_widgets.engines.vllm.specs import (
    AttentionSpec,
    ChunkedLocalAttentionSpec,
    CrossAttentionSpec,
    FullAttentionSpec,
    MambaSpec,
    MLAAttentionSpec,
    SlidingWindowSpec,
)
from budsim_widgets.engines.vllm.states import state_bytes, text_fields

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.engines.vllm.specs import KVCacheSpec

BLOCK_SIZE: Final = 16
"""Tokens of a block where nothing asks for another; `CacheConfig.DEFAULT_BLOCK_SIZE`."""

SPARSE_BLOCK_SIZE: Final = 64
"""What the indexer's kernel reads (`DeepseekV32IndexerBackend.get_supported_kernel_block_sizes`)."""

_DS_MLA_BYTES: Final = 656
"""A latent of 512 numbers in fp8, four scales in fp32 and 64 rotary numbers in bf16 (`fp8_ds_mla`)."""
_DS_MLA_DIMS: Final = (512, 64)

_INDEX_SCALE_TOKENS: Final = 128
_INDEX_SCALE_BYTES: Final = 4

_KEPT_AS_HEADS: Final = frozenset({"minicpm3"})
"""Models with a latent that vLLM's class doesn't use: it keeps keys and values of every head."""


class CacheFormat(NamedTuple):
    """How keys, values and states are kept.

    Attributes:
        kv_bytes: Bytes of a number of keys and values.
        dtype_bytes: Width of the computation's format, which states have.
        ranks: Devices that share a layer.
        block_size: Tokens of a block, before states ask for more.
        packs_latents: Whether an fp8 latent of sparse attention is kept as `fp8_ds_mla`.
        keeps_all: Whether every layer of attention keeps every token, whatever it reads; so before 0.10.
    """

    kv_bytes: int
    dtype_bytes: int
    ranks: int = 1
    block_size: int = BLOCK_SIZE
    packs_latents: bool = True
    keeps_all: bool = False


def layer_specs(architecture: Architecture, cache: LayerCache, form: CacheFormat) -> list[KVCacheSpec]:
    """What vLLM keeps for one layer: nothing, one thing, or a latent beside the keys of an indexer."""
    if isinstance(cache, LatentCache):
        return _latent_specs(architecture, cache, form)
    if isinstance(cache, IndexCache):
        return [_index_spec(cache.index_head_dim, form)]
    if isinstance(cache, StateCache):
        size = state_bytes(architecture, cache, form.dtype_bytes, form.ranks)
        return [MambaSpec(block_size=form.block_size, state_bytes=size)] if size else []
    return [_attention_spec(architecture, cache, form)] if isinstance(cache, AttentionCache) else []


def is_sparse(architecture: Architecture) -> bool:
    """Whether an indexer chooses the tokens that attention reads."""
    return any(
        isinstance(cache, IndexCache) or (isinstance(cache, LatentCache) and cache.index_head_dim)
        for cache, _ in architecture.layer_caches
    )


def has_latents(architecture: Architecture) -> bool:
    """Whether vLLM keeps latents for this model."""
    return architecture.model_type not in _KEPT_AS_HEADS and any(
        isinstance(cache, LatentCache) for cache, _ in architecture.layer_caches
    )


def _attention_spec(architecture: Architecture, cache: AttentionCache, form: CacheFormat) -> AttentionSpec:
    passes = cache.passes if isinstance(cache, RepeatedCache) else 1
    widths: dict[str, Any] = {
        "block_size": form.block_size,
        "num_kv_heads": max(1, cache.num_key_value_heads // form.ranks) * passes,
        "head_size": cache.key_head_dim,
        "head_size_v": cache.value_head_dim,
        "element_bytes": form.kv_bytes,
    }
    if form.keeps_all:
        return FullAttentionSpec(**widths)
    if isinstance(cache, CrossAttentionCache):
        return CrossAttentionSpec(**widths)
    if isinstance(cache, SlidingWindowCache):
        chunk = text_fields(architecture.config).get("attention_chunk_size")
        if chunk == cache.window:
            return ChunkedLocalAttentionSpec(**widths, attention_chunk_size=chunk)
        return SlidingWindowSpec(**widths, sliding_window=cache.window)
    return FullAttentionSpec(**widths)


def _latent_specs(architecture: Architecture, cache: LatentCache, form: CacheFormat) -> list[KVCacheSpec]:
    if architecture.model_type in _KEPT_AS_HEADS:
        return [_unfolded_spec(text_fields(architecture.config), form)]
    dims = cache.kv_lora_rank + cache.rope_head_dim
    element_bytes = form.kv_bytes
    if form.kv_bytes == 1 and form.packs_latents and is_sparse(architecture):
        packed = (cache.kv_lora_rank, cache.rope_head_dim) == _DS_MLA_DIMS
        dims = _DS_MLA_BYTES if packed else dims
    latent = MLAAttentionSpec(
        block_size=form.block_size, num_kv_heads=1, head_size=dims, head_size_v=0, element_bytes=element_bytes
    )
    return [latent, _index_spec(cache.index_head_dim, form)] if cache.index_head_dim else [latent]


def _index_spec(index_head_dim: int, form: CacheFormat) -> MLAAttentionSpec:
    """Keys of an indexer in fp8, with a scale in fp32 for each 128."""
    scales = index_head_dim // _INDEX_SCALE_TOKENS * _INDEX_SCALE_BYTES
    return MLAAttentionSpec(
        block_size=form.block_size,
        num_kv_heads=1,
        head_size=index_head_dim + scales,
        head_size_v=0,
        element_bytes=1,
    )


def _unfolded_spec(fields: Mapping[str, Any], form: CacheFormat) -> FullAttentionSpec:
    head_dim = int(fields.get("qk_nope_head_dim") or 0) + int(fields.get("qk_rope_head_dim") or 0)
    heads = max(1, int(fields.get("num_attention_heads") or 1) // form.ranks)
    return FullAttentionSpec(
        block_size=form.block_size,
        num_kv_heads=heads,
        head_size=head_dim,
        head_size_v=head_dim,
        element_bytes=form.kv_bytes,
    )
