"""What llama.cpp keeps of its context: cells for keys and values, and recurrent states.

Sources: src/llama-context.cpp, llama-kv-cache.cpp, llama-kv-cache-iswa.cpp and llama-hparams.cpp of
github.com/ggml-org/llama.cpp (0c1e57098). Compared with what the library itself allocates (b11549): all 176 cases of 8
models are the same.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, LatentCache, SlidingWindowCache, StateCache
from budsim_widgets.architectures.memo import kept_with_architecture, last_kept_with_architecture
from budsim_widgets.architectures.parts import Module, Stack
from budsim_widgets.formats.gguf.tensors import gguf_architecture
from budsim_widgets.formats.gguf.types import TENSOR_TYPES, tensor_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Part

PADDING: Final = 256
"""Cells come in multiples of this."""

_FP32_BYTES: Final = 4
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


class HeldBytes(NamedTuple):
    """Bytes that one layer keeps."""

    kv_cache_bytes: int
    state_bytes: int


@dataclass(frozen=True)
class Context:
    """The cells of a context.

    Attributes:
        sequences: Sequences at once.
        cells: Cells of each stream of a layer that keeps every token.
        streams: 1 where all sequences share the cells, else as many as sequences.
        ubatch_size: Tokens that are computed at once.
        swa_full: Whether layers with a window keep every token, too.
        cache_type: Type of keys and values, of `TENSOR_TYPES`.

    Example:
        Four sequences of 1,250 tokens; in streams of their own, each is rounded up.

        >>> Context.of(4, 1250, ubatch_size=512, unified=True, swa_full=False, cache_type="F16").cells
        5120
        >>> Context.of(4, 1250, ubatch_size=512, unified=False, swa_full=False, cache_type="F16").cells
        1280
    """

    sequences: int
    cells: int
    streams: int
    ubatch_size: int
    swa_full: bool
    cache_type: str

    @classmethod
    def of(  # noqa: PLR0913 - the settings of a context
        cls, sequences: int, seq_length: int, *, ubatch_size: int, unified: bool, swa_full: bool, cache_type: str
    ) -> Context:
        """The context of so many sequences of a length."""
        total = padded(sequences * seq_length)
        cells = total if unified else padded(total // sequences)
        return cls(sequences, cells, 1 if unified else sequences, min(ubatch_size, total), swa_full, cache_type)

    def cells_in_window(self, window: int) -> int:
        """Cells of each stream of a layer with a window.

        Example:
            Gemma 3: 1,024 tokens and the 512 that are computed at once.

            >>> context = Context.of(1, 32768, ubatch_size=512, unified=True, swa_full=False, cache_type="F16")
            >>> context.cells_in_window(1024)
            1536
        """
        if self.swa_full:
            return self.cells
        seen = window * (self.sequences if self.streams == 1 else 1)
        return padded(min(self.cells, seen + self.ubatch_size))


def padded(tokens: int) -> int:
    """Tokens rounded up to whole multiples of `PADDING`."""
    return -(-tokens // PADDING) * PADDING


def held_bytes(kept: tuple[LayerCache, ...], context: Context, *, heeds_windows: bool, kernel: int) -> HeldBytes:
    """What one layer keeps in a context.

    Args:
        kept: The caches of the layer.
        context: The cells.
        heeds_windows: Whether llama.cpp heeds the windows of the model's layers.
        kernel: Width of a convolution along the tokens.
    """
    kv_cache_bytes = state_bytes = 0
    for cache in kept:
        if isinstance(cache, StateCache):
            elements = cache.conv_elements * (kernel - 1) // kernel + cache.recurrent_elements
            state_bytes += context.sequences * elements * _FP32_BYTES
        else:
            kv_cache_bytes += _kv_bytes(cache, context, heeds_windows=heeds_windows)
    return HeldBytes(kv_cache_bytes, state_bytes)


def _kv_bytes(cache: LayerCache, context: Context, *, heeds_windows: bool) -> int:
    cells = context.cells
    if heeds_windows and isinstance(cache, SlidingWindowCache):
        cells = context.cells_in_window(cache.window)
    cells *= context.streams
    if isinstance(cache, LatentCache):
        return tensor_bytes(context.cache_type, cells, cache.kv_lora_rank + cache.rope_head_dim)
    if isinstance(cache, AttentionCache):
        heads = cache.num_key_value_heads
        dims = (cache.key_head_dim, cache.value_head_dim)
        return sum(tensor_bytes(context.cache_type, cells, heads * dim) for dim in dims)
    return cache.kv_elements(cells, cells) * 2


def head_dims(architecture: Architecture) -> Iterator[int]:
    """The widths of rows that a quantized cache is made of."""
    for cache in {cache for kind in layer_kinds(architecture) for cache in kind.kept}:
        if isinstance(cache, AttentionCache):
            yield from (cache.key_head_dim, cache.value_head_dim)
        elif isinstance(cache, LatentCache):
            yield cache.kv_lora_rank + cache.rope_head_dim


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
    for stack in _stacks(architecture.root):
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


def held_on(architecture: Architecture, context: Context, placed: tuple[range, ...]) -> tuple[HeldBytes, ...]:
    """What the layers keep on each device.

    Args:
        architecture: The model.
        context: The cells.
        placed: The layers of each device.
    """
    kinds, held = layer_kinds(architecture), _held_by_kind(architecture, context)
    return tuple(
        HeldBytes(
            sum(_number(kind.layers, layers) * some.kv_cache_bytes for kind, some in zip(kinds, held, strict=True)),
            sum(_number(kind.layers, layers) * some.state_bytes for kind, some in zip(kinds, held, strict=True)),
        )
        for layers in placed
    )


@last_kept_with_architecture
def _held_by_kind(architecture: Architecture, context: Context) -> tuple[HeldBytes, ...]:
    """What a layer of each kind keeps."""
    kernel, heeds = kernel_of(architecture), heeds_windows(architecture)
    return tuple(
        held_bytes(kind.kept, context, heeds_windows=heeds, kernel=kernel) for kind in layer_kinds(architecture)
    )


def heeds_windows(architecture: Architecture) -> bool:
    """Whether llama.cpp heeds the windows of this model's layers; of some, only at one number of layers."""
    windows = (gguf_architecture(architecture) or {}).get("windows", False)
    return windows is True or windows == sum(len(kind.layers) for kind in layer_kinds(architecture))


def _number(layers: tuple[int, ...], inside: range) -> int:
    return bisect_left(layers, inside.stop) - bisect_left(layers, inside.start)


def total_bytes(architecture: Architecture, context: Context) -> HeldBytes:
    """What all layers keep."""
    kinds, held = layer_kinds(architecture), _held_by_kind(architecture, context)
    kv_bytes = state_bytes = 0
    for kind, some in zip(kinds, held, strict=True):
        count = len(kind.layers)
        kv_bytes += count * some.kv_cache_bytes
        state_bytes += count * some.state_bytes
    return HeldBytes(kv_bytes, state_bytes)


def _stacks(part: Part) -> Iterator[Stack]:
    if isinstance(part, Stack):
        yield part
    elif isinstance(part, Module):
        for child in part.children.values():
            yield from _stacks(child)


def _caches(part: Part) -> tuple[LayerCache, ...]:
    if isinstance(part, Module):
        return (*part.cache, *(cache for child in part.children.values() for cache in _caches(child)))
    if isinstance(part, Stack):
        return tuple(cache for layer, indexes in part.kinds for _ in indexes for cache in _caches(layer))
    return ()
