"""What a forward pass keeps, read off the same description as inference uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.parts import Module
from budsim_widgets.data import load_table
from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.training.activations import Activations, LayerKept
from budsim_widgets.training.adapters import adapters_of
from budsim_widgets.training.attention import masked
from budsim_widgets.training.blocks import Blocks
from budsim_widgets.training.kept import Kept, Rules, norm_width
from budsim_widgets.training.outline import ends_in_layer_norm, norm_style, rotary_bytes, stacks_of, widths_of
from budsim_widgets.training.reading import Reading
from budsim_widgets.training.tools import TOOLS
from budsim_widgets.training.weights import adapter_bytes, compute_bytes

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.training.settings import TrainingSettings

_NOTHING = Kept()
_FIRST_NORMS = ("input_layernorm", "ln_1", "self_attn_layer_norm", "operator_norm", "attention_norm", "norm", "ln_attn")
"""Names of the norm that reads a layer's input."""


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
    vocab, hidden = widths_of(architecture)
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
        for prefix, stack in stacks_of(architecture)
        for layer, indexes in stack.kinds
        if isinstance(layer, Module)
    )
    head_is_trained = rules.base_is_trained or _saves_head(architecture, settings)
    is_layer_norm = ends_in_layer_norm(architecture)
    last = rules.norm("", hidden, has_bias=is_layer_norm)
    return Activations(
        layers=layers,
        last=Kept(last + (hidden * rules.compute_bytes if head_is_trained else 0)),
        last_is_layer_norm=is_layer_norm,
        rotary_bytes=rotary_bytes(architecture, rules),
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
        norm_style="fp32" if tool.has_own_layers else norm_style(architecture),
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
    vocab, hidden = widths_of(architecture)
    return (matrices + (vocab * hidden if is_tied else 0)) * rules.compute_bytes


def _unkept(architecture: Architecture, rules: Rules) -> Kept:
    for prefix, stack in stacks_of(architecture):
        first = next((layer for layer, indexes in stack.kinds if 0 in indexes), None)
        named = first.children if isinstance(first, Module) else {}
        for name in _FIRST_NORMS:
            if found := norm_width(named.get(name)):
                return Kept(rules.norm(f"{prefix}.*.{name}", found[0], has_bias=found[1]))
    return _NOTHING
