"""What a forward pass keeps for the backward one, layer by layer, read off the same description as inference uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache
from budsim_widgets.architectures.parts import Module, Stack
from budsim_widgets.data import load_table
from budsim_widgets.formats.base import FP32_BYTES
from budsim_widgets.training.adapters import adapters_of
from budsim_widgets.training.attention import masked
from budsim_widgets.training.blocks import Blocks
from budsim_widgets.training.kept import Kept, Rules, norm_width
from budsim_widgets.training.reading import Reading
from budsim_widgets.training.states import adapter_bytes, compute_bytes
from budsim_widgets.training.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import Part
    from budsim_widgets.training.settings import TrainingSettings

_MATRIX = 2
_NOTHING = Kept()
_FIRST_NORMS = ("input_layernorm", "ln_1", "self_attn_layer_norm", "operator_norm", "attention_norm", "norm", "ln_attn")
"""Names of the norm that reads a layer's input."""
_IDS_BYTES = 8
"""Token ids and labels are 64-bit numbers."""


class LayerKept(NamedTuple):
    """Equal layers.

    Attributes:
        kept: What one of them keeps.
        num_layers: How many there are.
        inner_width: Elements a token of the widest feed-forward block that get a gradient at once: both factors of a
            gated product.
        adapted_width: Width of the widest input of an adapter.
        window: Tokens that each sees; 0: all.
        masked: What one keeps more where sequences are longer than the window.
    """

    kept: Kept
    num_layers: int
    inner_width: int
    adapted_width: int
    window: int = 0
    masked: Kept = _NOTHING

    def num_bytes(self, num_tokens: int, seq_length: int) -> int:
        """What one of them keeps of so many tokens in sequences of a length."""
        whole = self.kept.plus(self.masked) if 0 < self.window < seq_length else self.kept
        return whole.num_bytes(num_tokens, seq_length)


@dataclass(frozen=True)
class Activations:
    """What a forward pass keeps.

    Attributes:
        layers: The layers, equal ones together.
        last: The norm behind the last layer and the input of the head.
        last_is_layer_norm: Whether that norm is torch's layer norm.
        rotary_bytes: Cosines and sines, for each position of one sequence.
        hidden_size: Width of the residual stream.
        stream_bytes: Bytes of a number of it.
        vocab_size: Rows of the head.
        is_capped: Whether the logits pass a tanh, whose result is kept.
        rules: How the model is trained.
        cast_bytes: 16-bit copies of fp32 weights, with autocast.
        unkept: What the first layer keeps less: its first norm reads an embedding that gets no gradient.
    """

    layers: tuple[LayerKept, ...]
    last: Kept
    last_is_layer_norm: bool
    rotary_bytes: int
    hidden_size: int
    stream_bytes: int
    vocab_size: int
    is_capped: bool
    rules: Rules
    cast_bytes: int = 0
    unkept: Kept = _NOTHING

    @property
    def num_layers(self) -> int:
        """Layers of the model."""
        return sum(layer.num_layers for layer in self.layers)

    def largest_layer_bytes(self, num_tokens: int, seq_length: int) -> int:
        """What the layer that keeps most keeps."""
        return max((layer.num_bytes(num_tokens, seq_length) for layer in self.layers), default=0)

    def flowing_bytes(self, num_tokens: int) -> int:
        """Gradients on their way through a block, while nearly all that its layer keeps is still there.

        Of the residual stream and of the feed-forward block, where both factors of a product get theirs before the
        product goes. An fp32 adapter makes an fp32 gradient of its output and its input, beside the 16-bit ones.
        """
        rules, hidden = self.rules, self.hidden_size
        inner = max((layer.inner_width for layer in self.layers), default=0)
        adapted = max((layer.adapted_width for layer in self.layers), default=0)
        if rules.is_fused:
            return num_tokens * hidden * self.stream_bytes
        if rules.ranks and not rules.shares_inputs:
            width = rules.adapter_bytes
            summed = max(int(layer.kept.fixed_bytes) for layer in self.layers)
            return summed + num_tokens * (2 * hidden * self.stream_bytes + width * (hidden + adapted))
        return num_tokens * (hidden * self.stream_bytes + inner * rules.compute_bytes)

    def shared_with_checkpoint_bytes(self, num_tokens: int) -> int:
        """What a layer keeps that checkpointing keeps anyway: its input, where its first norm keeps it as it is."""
        rules = self.rules
        keeps_input = rules.is_fused or self.last_is_layer_norm or rules.stream_bytes == FP32_BYTES
        return num_tokens * self.hidden_size * self.stream_bytes if keeps_input else 0

    def norm_flowing_bytes(self, num_tokens: int) -> int:
        """Gradients on their way through the last norm, which computes in fp32."""
        if self.rules.is_fused or self.last_is_layer_norm:
            return 2 * num_tokens * self.hidden_size * self.stream_bytes
        return num_tokens * self.hidden_size * (2 * self.stream_bytes + 3 * FP32_BYTES)

    def kept_bytes(self, num_tokens: int, seq_length: int, *, checkpointing: bool, is_offloaded: bool = False) -> int:
        """What all layers keep; with checkpointing only their inputs, which may lie in the host.

        Args:
            num_tokens: Tokens of all sequences.
            seq_length: Tokens of one.
            checkpointing: Whether layers are computed again in the backward pass.
            is_offloaded: Whether the inputs that checkpointing keeps are moved to the host.
        """
        after = self.last.num_bytes(num_tokens, seq_length) + self.rotary_bytes * seq_length + _IDS_BYTES * num_tokens
        if not checkpointing:
            after -= self.unkept.num_bytes(num_tokens, seq_length)
            return (
                after
                + self.cast_bytes
                + sum(layer.num_layers * layer.num_bytes(num_tokens, seq_length) for layer in self.layers)
            )
        if is_offloaded:
            return after
        return after + self.num_layers * num_tokens * self.hidden_size * self.stream_bytes


def activations_of(architecture: Architecture, settings: TrainingSettings) -> Activations:
    """What the layers of a model keep with these settings.

    Example:
        Llama-3.1-8B, full fine-tuning in bf16: 16h + 4q + 4k + 4n + 8i bytes a token and layer, and the norms' 4 each.

        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.training.settings import TrainingSettings
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> kept = activations_of(llama, TrainingSettings(method="full")).layers[0].kept.token_bytes
        >>> kept - (16 * 4096 + 4 * 4096 + 4 * 1024 + 4 * 32 + 8 * 14336)
        8.0
    """
    vocab, hidden = _widths(architecture)
    rules = _rules(architecture, settings)
    reading = Reading.of(architecture, rules, hidden)
    blocks = Blocks(reading)
    adapted = max((one.module.matrix[-1] for one in adapters_of(architecture, settings).adapters), default=0)
    layers = tuple(
        LayerKept(
            blocks.layer(layer, f"{prefix}.{stack.prefix}*"),
            len(indexes),
            blocks.inner_width(layer),
            adapted,
            *masked(reading, layer),
        )
        for prefix, stack in _stacks(architecture)
        for layer, indexes in stack.kinds
        if isinstance(layer, Module)
    )
    head_is_trained = rules.base_is_trained or _saves_head(architecture, settings)
    is_layer_norm = _last_norm_has_bias(architecture)
    last = rules.norm("", hidden, has_bias=is_layer_norm)
    return Activations(
        layers=layers,
        last=Kept(last + (hidden * rules.compute_bytes if head_is_trained else 0)),
        last_is_layer_norm=is_layer_norm,
        rotary_bytes=_rotary(architecture, rules),
        hidden_size=hidden,
        stream_bytes=rules.stream_bytes,
        vocab_size=vocab,
        rules=rules,
        cast_bytes=_cast_bytes(architecture, rules),
        unkept=_unkept(architecture, rules) if settings.has_adapters and not settings.modules_to_save else _NOTHING,
        is_capped=reading.is_capped("final_logit_softcapping", "capped_logits"),
    )


def _saves_head(architecture: Architecture, settings: TrainingSettings) -> bool:
    """Whether a copy of the head is trained beside the adapters."""
    heads = [group.name.removesuffix(".weight") for group in architecture.tensor_groups if group.role == "head"]
    tied = load_table("training")["tied_heads"]
    return any(name in tied or any(head.endswith(name) for head in heads) for name in settings.modules_to_save)


def _rules(architecture: Architecture, settings: TrainingSettings) -> Rules:
    tool = TOOLS[settings.tool]
    width = compute_bytes(settings)
    adapters = adapters_of(architecture, settings)
    return Rules(
        compute_bytes=width,
        stream_bytes=FP32_BYTES if settings.precision.endswith("-mixed") else width,
        base_is_trained=not settings.has_adapters,
        frozen=settings.frozen,
        ranks={adapter.module.name: adapter.rank for adapter in adapters.adapters},
        adapter_bytes=adapter_bytes(settings) if settings.has_adapters else width,
        norm_style="fp32" if tool.has_own_layers else _norm_style(architecture),
        keeps_frozen_inputs=settings.method == "qlora" and tool.keeps_4bit_inputs,
        has_own_layers=tool.has_own_layers,
        is_fused=tool.has_fused_kernels,
        is_eager=settings.attention == "eager",
        is_flash=settings.attention == "flash" or tool.has_fused_kernels,
    )


def _cast_bytes(architecture: Architecture, rules: Rules) -> int:
    """With autocast every linear layer's weight stands in 16 bits too, as long as its gradient may need it."""
    if not rules.is_autocast:
        return 0
    matrices = sum(
        group.num_parameters for group in architecture.tensor_groups if group.role in {"linear", "experts", "head"}
    )
    is_tied = not any(group.role == "head" for group in architecture.tensor_groups)
    vocab, hidden = _widths(architecture)
    return (matrices + (vocab * hidden if is_tied else 0)) * rules.compute_bytes


def _unkept(architecture: Architecture, rules: Rules) -> Kept:
    for prefix, stack in _stacks(architecture):
        first = next((layer for layer, indexes in stack.kinds if 0 in indexes), None)
        named = first.children if isinstance(first, Module) else {}
        for name in _FIRST_NORMS:
            if found := norm_width(named.get(name)):
                return Kept(rules.norm(f"{prefix}.*.{name}", found[0], has_bias=found[1]))
    return _NOTHING


def _norm_style(architecture: Architecture) -> str:
    types = {architecture.model_type, architecture.text_config.get("model_type")}
    table = load_table("training")["norms"]
    return next((style for style, names in table.items() if types & set(names)), "rms")


def _widths(architecture: Architecture) -> tuple[int, int]:
    """(rows of the head, width of the model): those of the largest table, but no position table."""
    tables = [group.shape for group in architecture.tensor_groups if group.role in {"embedding", "head"}]
    vocab, hidden = max((shape for shape in tables if len(shape) == _MATRIX), default=(0, 0))
    given = architecture.text_config.get("hidden_size")
    return vocab, given if isinstance(given, int) else hidden


def _stacks(architecture: Architecture) -> Iterator[tuple[str, Stack]]:
    """The stacks of layers that a text passes: those that cache, and of an encoder-decoder the encoder's."""
    is_everything = architecture.kind == "encoder-decoder"
    for prefix, stack in _outer_stacks(architecture.root, ""):
        if is_everything or any(_caches(layer) for layer, _ in stack.kinds):
            yield prefix, stack


def _outer_stacks(part: Part, prefix: str) -> Iterator[tuple[str, Stack]]:
    if isinstance(part, Stack):
        yield prefix, part
    elif isinstance(part, Module):
        for name, child in part.children.items():
            yield from _outer_stacks(child, f"{prefix}.{name}" if prefix else name)


def _caches(part: Part) -> bool:
    if isinstance(part, Module):
        return bool(part.cache) or any(map(_caches, part.children.values()))
    return isinstance(part, Stack) and any(_caches(layer) for layer, _ in part.kinds)


def _last_norm_has_bias(architecture: Architecture) -> bool:
    """Whether the norm behind the layers is a layer norm."""

    def found(part: Part) -> bool | None:
        if not isinstance(part, Module):
            return None
        if any(isinstance(child, Stack) for child in part.children.values()):
            norms = [norm for child in part.children.values() if (norm := norm_width(child))]
            return norms[-1][1] if norms else None
        return next((inner for child in part.children.values() if (inner := found(child)) is not None), None)

    return bool(found(architecture.root))


def _rotary(architecture: Architecture, rules: Rules) -> int:
    table = load_table("training")["unrotated"]
    if architecture.model_type in table:
        return 0
    heads = [cache.key_head_dim for cache, _ in architecture.layer_caches if isinstance(cache, AttentionCache)]
    partial = architecture.config.get("partial_rotary_factor") or architecture.config.get("rotary_pct") or 1
    share = partial if isinstance(partial, (int, float)) else 1
    return int(2 * max(heads, default=0) * rules.compute_bytes * share)
