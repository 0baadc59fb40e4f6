"""What the layers of a model keep, as llama.cpp counts layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, CompressedCache, IndexCache, LatentCache
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.architectures.parts import Module, Stack
from budsim_widgets.engines.parallel import stacks_in
from budsim_widgets.formats.gguf.rows import gguf_architecture
from budsim_widgets.formats.gguf.types import TENSOR_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Part

_KERNELS: Final = ("conv_kernel", "mamba_d_conv", "linear_conv_kernel_dim", "conv_L_cache")
"""Fields that give the width of a convolution along the tokens."""


class LayerKind(NamedTuple):
    """Layers that keep the same.

    Attributes:
        kept: The caches of each.
        layers: Their numbers, in order.
    """

    kept: tuple[LayerCache, ...]
    layers: tuple[int, ...]


def head_dims(architecture: Architecture) -> Iterator[int]:
    """The widths of rows that a quantized cache is made of."""
    for cache in {cache for kind in layer_kinds(architecture) for cache in kind.kept}:
        if isinstance(cache, CompressedCache):
            yield from (cache.key_head_dim, *cache.entry_dims)
        elif isinstance(cache, AttentionCache):
            yield from (cache.key_head_dim, cache.value_head_dim)
        elif isinstance(cache, LatentCache):
            yield from (cache.kv_lora_rank + cache.rope_head_dim, cache.index_head_dim)
        elif isinstance(cache, IndexCache):
            yield cache.index_head_dim


def whole_blocks(cache_type: str, dims: Iterator[int]) -> bool:
    """Whether rows of these widths are made of whole blocks of a type."""
    return all(dim % TENSOR_TYPES[cache_type].block_elements == 0 for dim in dims)


def kernel_of(architecture: Architecture) -> int:
    """The width of the convolutions along the tokens; 1 where there are none."""
    config = architecture.text_config
    return next((config[name] for name in _KERNELS if type(config.get(name)) is int), 1)


@kept_with_architecture
def layer_kinds(architecture: Architecture) -> tuple[LayerKind, ...]:
    """What the layers keep.

    The outermost stacks whose layers keep anything give the numbers; those of a second one, as a decoder beside an
    encoder, count on.
    """
    found: dict[tuple[LayerCache, ...], list[int]] = {}
    start = 0
    as_heads = bool((gguf_architecture(architecture) or {}).get("latent_as_heads"))
    expanded = (_heads_of(architecture.config),) if as_heads else ()
    for stack in stacks_in(architecture.root):
        kinds = [(_caches(layer), indexes) for layer, indexes in stack.kinds]
        if any(kept for kept, _ in kinds):
            for kept, indexes in kinds:
                found.setdefault(expanded or kept, []).extend(start + index for index in indexes)
            start += sum(len(indexes) for _, indexes in kinds)
    return tuple(LayerKind(kept, tuple(sorted(layers))) for kept, layers in found.items())


def _heads_of(config: Mapping[str, Any]) -> AttentionCache:
    """Latent attention whose keys and values are kept for each head."""
    heads = config["num_attention_heads"]
    key_dim = config["qk_nope_head_dim"] + config["qk_rope_head_dim"]
    return AttentionCache(
        num_attention_heads=heads,
        num_key_value_heads=heads,
        key_head_dim=key_dim,
        value_head_dim=config["v_head_dim"],
    )


def heeds_windows(architecture: Architecture) -> bool:
    """Whether llama.cpp heeds the windows of this model's layers; of some, only at one number of layers."""
    windows = (gguf_architecture(architecture) or {}).get("windows", False)
    return windows is True or windows == sum(len(kind.layers) for kind in layer_kinds(architecture))


def _caches(part: Part) -> tuple[LayerCache, ...]:
    if isinstance(part, Module):
        return (*part.cache, *(cache for child in part.children.values() for cache in _caches(child)))
    if isinstance(part, Stack):
        return tuple(cache for layer, indexes in part.kinds for _ in indexes for cache in _caches(layer))
    return ()
