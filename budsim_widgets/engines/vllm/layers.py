"""From a model's description to what its layers keep in vLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import (
    AttentionCache,
    CrossAttentionCache,
    FixedLengthCache,
    IndexCache,
    LatentCache,
    PromptedCache,
    RepeatedCache,
    SlidingWindowCache,
    StateCache,
)
from budsim_widgets.architectures.parts import Module, Stack
from budsim_widgets.engines.vllm.grouping import CachedLayer
from budsim_widgets.engines.vllm.packing import is_packed, packed_specs
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
from budsim_widgets.formats.base import ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Part
    from budsim_widgets.engines.vllm.specs import KVCacheSpec

BLOCK_SIZE: Final = 16
"""Tokens of a block where nothing asks for another; `CacheConfig.DEFAULT_BLOCK_SIZE`."""

SPARSE_BLOCK_SIZE: Final = 64
"""What the indexer's kernel reads (`DeepseekV32IndexerBackend.get_supported_kernel_block_sizes`)."""

_MLA_STEP: Final = 128
"""Hybrid models with a latent have blocks of a multiple of 128 tokens (`Platform._align_hybrid_block_size`)."""

_DS_MLA_BYTES: Final = 656
"""A latent of 512 numbers in fp8, four scales in fp32 and 64 rotary numbers in bf16 (`fp8_ds_mla`)."""
_DS_MLA_DIMS: Final = (512, 64)

_INDEX_SCALE_TOKENS: Final = 128
_INDEX_SCALE_BYTES: Final = 4

_KEPT_AS_HEADS: Final = frozenset({"minicpm3"})
"""Models with a latent that vLLM's class doesn't use: it keeps keys and values of every head."""

_UNKNOWN_LAYOUTS: Final = frozenset(
    {
        *("dots3_note", "dots3_note_text", "glm5_next", "glm5_next_text", "mistral_large4"),
        *("minimax_m3_vl", "minimax_m3_vl_text", "qwen4_exp", "qwen4_exp_text", "bailing_hybrid"),
        *("inkling_mm_model", "inkling_text", "inkling2", "inkling2_text", "zaya", "voxtral_realtime"),
        *("minimax", "recurrent_gemma", "rwkv", "xlstm", "zamba"),
    }
)
"""Model types whose classes in vLLM 0.33 keep something else than these rules say, or that it doesn't run."""

_EXACT: Final = (AttentionCache, LatentCache, StateCache, IndexCache)
_NOT_EXACT: Final = (FixedLengthCache, PromptedCache, RepeatedCache)


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


def cached_layers(architecture: Architecture, form: CacheFormat) -> list[CachedLayer]:
    """The layers that keep something, in their order, with pages as they are before groups are made.

    Where a model has states, the blocks of its attention grow until a page holds a state, and the states are padded
    to that page (`Platform._align_hybrid_block_size`).
    """
    caches = caches_in_order(architecture.root)
    if is_packed(cache for _, cache in caches):
        windows = [(index, cache) for index, cache in caches if isinstance(cache, SlidingWindowCache)]
        return [CachedLayer(index, spec) for index, cache in windows for spec in packed_specs(cache)]
    if any(isinstance(cache, StateCache) for _, cache in caches):
        form = _with_room_for_states(architecture, [cache for _, cache in caches], form)
    layers = [CachedLayer(index, spec) for index, cache in caches for spec in layer_specs(architecture, cache, form)]
    return _with_padded_states(layers)


def caches_in_order(part: Part, index: int = 0) -> list[tuple[int, LayerCache]]:
    """(index of the layer, what it keeps) in the order of the layers."""
    return sorted(_gathered(part, index), key=lambda found: found[0])


def num_decoder_layers(architecture: Architecture) -> int:
    """Layers that pipeline stages divide: those that the config counts, and at least up to the last that caches."""
    said = text_fields(architecture.config).get("num_hidden_layers")
    cached = 1 + max((index for index, _ in caches_in_order(architecture.root)), default=0)
    return max(cached, said) if isinstance(said, int) else cached


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


def is_exact(architecture: Architecture) -> bool:
    """Whether vLLM is known to keep just this for all layers."""
    return all(
        isinstance(cache, _EXACT) and not isinstance(cache, _NOT_EXACT) for cache, _ in architecture.layer_caches
    )


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


def _gathered(part: Part, index: int) -> Iterator[tuple[int, LayerCache]]:
    if isinstance(part, Stack):
        for layer, places in part.kinds:
            for place in places:
                yield from _gathered(layer, place)
    elif isinstance(part, Module):
        for cache in part.cache:
            yield index, cache
        for child in part.children.values():
            yield from _gathered(child, index)


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


def _with_room_for_states(architecture: Architecture, caches: Sequence[LayerCache], form: CacheFormat) -> CacheFormat:
    """Blocks of as many tokens that a page of attention holds a state; in steps of the block size.

    Qwen3.5-27B: a state of 3,207,168 bytes, 4,096 bytes a token and layer: 16 · ceil(48.94) = 784 tokens.
    """
    specs = [spec for cache in caches for spec in layer_specs(architecture, cache, form)]
    attention = [spec for spec in specs if isinstance(spec, AttentionSpec)]
    states = [spec.page_size_bytes for spec in specs if isinstance(spec, MambaSpec)]
    if not attention or not states:
        return form
    step = max(form.block_size, _MLA_STEP) if has_latents(architecture) else form.block_size
    token_bytes = attention[0].page_size_bytes // form.block_size
    if not token_bytes:
        return form
    return form._replace(block_size=max(form.block_size, step * ceil_div(max(states), step * token_bytes)))


def _with_padded_states(layers: list[CachedLayer]) -> list[CachedLayer]:
    """States padded to the page of attention, where there is attention with larger pages."""
    pages = [layer.spec.page_size_bytes for layer in layers if isinstance(layer.spec, AttentionSpec)]
    if not pages:
        return layers
    return [
        CachedLayer(index, spec.padded(pages[0]))
        if isinstance(spec, MambaSpec) and spec.page_size_bytes < pages[0]
        else CachedLayer(index, spec)
        for index, spec in layers
    ]
