"""A config's architecture: its tensors, its parameters and what it caches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from budsim_widgets.architectures.cache import (
    FP32_BYTES,
    AttentionCache,
    CacheSize,
    CrossAttentionCache,
    LatentCache,
    StateCache,
)
from budsim_widgets.architectures.kept_property import kept_property
from budsim_widgets.architectures.parts import (
    Layer,
    Listing,
    Module,
    Tensor,
    TensorGroup,
    listed,
    merged,
    tensors,
)
from budsim_widgets.architectures.uncertainty import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.extras import Extra
    from budsim_widgets.architectures.uncertainty import Uncertainty
    from budsim_widgets.intake.gguf_file import GgufFile

Kind: TypeAlias = Literal["decoder-only", "encoder-decoder", "encoder-only", "multimodal", "state-space", "hybrid"]
AttentionType: TypeAlias = Literal["mha", "mqa", "gqa", "mla"]
Basis: TypeAlias = Literal["exact", "estimate"]


@dataclass(frozen=True, eq=False)
class Architecture:
    """What a config builds; equal to itself alone, so that what is computed from it can be remembered.

    Attributes:
        model_type: The config's `model_type`, such as `llama`.
        architecture: The class that is built, such as `LlamaForCausalLM`.
        basis: `exact` where every tensor is the one that transformers builds, else `estimate`.
        root: The whole model as a tree of parts.
        config: The config with defaults filled in.
        declared_kind: The kind of model, where its layers don't tell (`multimodal`).
        notes: What a person should know about the numbers.
        extras: What published files hold besides, which transformers doesn't build; nothing of it is counted.
        uncertainty: How far the number of parameters may be off; `KNOWN` where it is exact.
        gguf_file: The header of the GGUF file that the config was read from, or None.
        computed: What other parts computed from it; see `memo`.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> llama.num_parameters, llama.attention_type
        (8030261248, 'gqa')
        >>> llama.cache(batch_size=1, seq_length=8192).kv_cache_bytes
        1073741824
    """

    model_type: str
    architecture: str
    basis: Basis
    root: Module
    config: Mapping[str, Any] = field(repr=False)
    declared_kind: Kind | None = None
    notes: tuple[str, ...] = ()
    extras: tuple[Extra, ...] = ()
    uncertainty: Uncertainty = KNOWN
    gguf_file: GgufFile | None = field(default=None, repr=False)
    computed: dict[Any, Any] = field(default_factory=dict, repr=False)

    def with_extras(self, extras: Iterable[Extra]) -> Architecture:
        """The model with some of its extras built in: as files hold it, or as an engine with draft layers does."""
        chosen = tuple(extras)
        root = reduce(merged, (extra.part for extra in chosen), self.root)
        left = tuple(extra for extra in self.extras if extra not in chosen)
        return replace(self, root=root, extras=left, computed={})

    @kept_property
    def _listing(self) -> Listing:
        return listed(self.root)

    @kept_property
    def tensor_groups(self) -> tuple[TensorGroup, ...]:
        """The tensors, with identical layers counted once and multiplied; a tied tensor stands once."""
        return tuple(self._listing.groups)

    @property
    def layers(self) -> list[Layer]:
        """Each kind of layer that caches, in the order of the model; where none does, each kind of layer."""
        layers = self._listing.layers
        return [layer for layer in layers if layer.caches] or layers

    @property
    def uncached_layers(self) -> list[Layer]:
        """Each kind of layer that caches nothing, such as those of an encoder."""
        return [layer for layer in self._listing.layers if not layer.caches]

    @kept_property
    def kind(self) -> Kind:
        """The kind of model: what its family says, else what its layers keep; see `schemas.ModelKind`."""
        return self.declared_kind or _kind(cache for cache, _ in self._listing.caches)

    @property
    def is_multimodal(self) -> bool:
        """Whether it reads something else beside text."""
        return self.declared_kind == "multimodal"

    @kept_property
    def num_parameters(self) -> int:
        """Parameters of the model; a tied tensor counts once, buffers don't count."""
        return sum([prod(shape) * number for _, shape, _, number, _ in self.tensor_groups])

    @property
    def num_parameters_range(self) -> tuple[int, int]:
        """The fewest and the most parameters that the model may have; twice the same where they are known."""
        return self.uncertainty.around(self.num_parameters)

    @kept_property
    def num_active_parameters(self) -> int:
        """Parameters that one token passes through.

        All but the routed experts that it isn't sent to: of a layer with E routed experts of which k are used, k/E of
        their parameters count. Embedding and head count whole.
        """
        routed = (group for group in self.tensor_groups if group.active_share is not None)
        return self.num_parameters - sum(map(_inactive, routed))

    @kept_property
    def layer_caches(self) -> tuple[tuple[LayerCache, int], ...]:
        """(what a layer keeps, number of such layers)."""
        counts: dict[LayerCache, int] = {}
        for cache, count in self._listing.caches:
            counts[cache] = counts.get(cache, 0) + count
        return tuple(counts.items())

    @kept_property
    def attention_type(self) -> AttentionType | None:
        """How keys and values are shared between heads; None for a model that caches none."""
        for cache, _ in self.layer_caches:
            if isinstance(cache, LatentCache):
                return "mla"
        for cache, _ in self.layer_caches:
            if isinstance(cache, AttentionCache) and not isinstance(cache, CrossAttentionCache):
                return _head_sharing(cache)
        return None

    @property
    def text_config(self) -> Mapping[str, Any]:
        """The config of the text model: `text_config` of a multimodal one, else the whole."""
        text = self.config.get("text_config")
        return text if isinstance(text, dict) else self.config

    @property
    def max_seq_length(self) -> int | None:
        """Tokens that the model was made for, where its config says so."""
        for fields in (self.config, self.text_config):
            limit = fields.get("max_position_embeddings")
            if isinstance(limit, int) and limit > 0:
                return limit
        return None

    def tensors(self) -> Iterator[Tensor]:
        """Every tensor under the name that transformers gives it; tied ones once."""
        return tensors(self.root)

    def cache(
        self,
        batch_size: int,
        seq_length: int,
        *,
        encoder_length: int | None = None,
        kv_bytes_per_element: float = 2.0,
        state_bytes_per_element: float = 2.0,
    ) -> CacheSize:
        """Bytes that the cache holds after `seq_length` tokens of each of `batch_size` sequences.

        Args:
            batch_size: Sequences at once.
            seq_length: Tokens of each.
            encoder_length: Tokens that the encoder read; None: as many as `seq_length`.
            kv_bytes_per_element: Width of a key or value, in bytes.
            state_bytes_per_element: Width of a convolution state, in bytes; recurrent states are fp32 always.
        """
        encoder_length = seq_length if encoder_length is None else encoder_length
        kv_elements = state_elements = fp32_elements = bytes_for_all = 0
        for cache, count in self.layer_caches:
            kv_elements += count * cache.kv_elements(seq_length, encoder_length)
            state_elements += count * cache.state_elements(seq_length)
            fp32_elements += count * (cache.fp32_elements + cache.growing_fp32_elements(seq_length))
            bytes_for_all += count * cache.bytes_for_all
        state_bytes = state_elements * state_bytes_per_element + fp32_elements * FP32_BYTES
        return CacheSize(
            kv_cache_bytes=int(batch_size * kv_elements * kv_bytes_per_element),
            state_bytes=int(batch_size * state_bytes) + bytes_for_all,
        )


def _inactive(group: TensorGroup) -> int:
    """Parameters of the experts that a token isn't sent to."""
    used, all_experts = group.active_share or (1, 1)
    active = group.num_parameters * used // all_experts if all_experts else 0
    return group.num_parameters - active


def _head_sharing(cache: AttentionCache) -> AttentionType:
    if cache.num_key_value_heads == cache.num_attention_heads:
        return "mha"
    return "mqa" if cache.num_key_value_heads == 1 else "gqa"


def _kind(caches: Iterable[LayerCache]) -> Kind:
    held = set(map(type, caches))
    if any(issubclass(kept, CrossAttentionCache) for kept in held):
        return "encoder-decoder"
    has_attention = any(issubclass(kept, (AttentionCache, LatentCache)) for kept in held)
    is_recurrent = any(issubclass(kept, StateCache) for kept in held)
    if has_attention:
        return "hybrid" if is_recurrent else "decoder-only"
    return "state-space" if is_recurrent else "encoder-only"
