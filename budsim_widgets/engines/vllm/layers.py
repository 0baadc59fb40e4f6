"""From a model's description to what its layers keep in vLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.cache import (
    AttentionCache,
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
from budsim_widgets.engines.vllm.layer_specs import CacheFormat, has_latents, layer_specs
from budsim_widgets.engines.vllm.packing import is_packed, packed_specs
from budsim_widgets.engines.vllm.specs import AttentionSpec, MambaSpec
from budsim_widgets.engines.vllm.states import text_fields
from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Part

_MLA_STEP: Final = 128
"""Hybrid models with a latent have blocks of a multiple of 128 tokens (`Platform._align_hybrid_block_size`)."""

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


def is_exact(architecture: Architecture) -> bool:
    """Whether vLLM is known to keep just this for all layers."""
    return architecture.model_type not in _UNKNOWN_LAYOUTS and all(
        isinstance(cache, _EXACT) and not isinstance(cache, _NOT_EXACT) for cache, _ in architecture.layer_caches
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
