"""Gemma 1, 2 and 3, ShieldGemma 2 and VaultGemma: a tied head, from Gemma 2 on windows between full layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.blocks.vision import is_tied_at_either, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("gemma", "GemmaForCausalLM")
def gemma(c: Config) -> Module:
    """Llama with a `head_dim` of its own."""
    layer = pre_norm_layer(c.hidden_size, _attention(c), gated_mlp(c.hidden_size, c.intermediate_size))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("gemma2", "Gemma2ForCausalLM")
def gemma2(c: Config) -> Module:
    """Norms before and after each block; every second layer is full."""
    layers = stack(layer_types(c, full_every=2), lambda kind: _four_norm_layer(c, _attention(c, window_of(c, kind))))
    return causal_lm(c, layers, norm=rms_norm(c.hidden_size))


@family("gemma3_text", "Gemma3ForCausalLM")
def gemma3_text(c: Config) -> Module:
    """Gemma 2 with normed queries and keys; every sixth layer is full."""

    def layer(layer_type: str) -> Module:
        return _four_norm_layer(
            c,
            _attention(c, _gemma3_window(c, layer_type), norm=rms_norm(c.head_dim)),
        )

    kinds = layer_types(c, full_every=c.get("sliding_window_pattern", 6))
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(c.hidden_size))


@family("gemma3", "Gemma3ForConditionalGeneration", kind="multimodal")
def gemma3(c: Config) -> Module:
    """With a vision tower: SigLIP's patches, pooled and projected to the text's hidden size."""
    return _seeing(c, tied=is_tied_at_top(c))


@family("shieldgemma2", "Gemma3ForConditionalGeneration", kind="multimodal")
def shieldgemma2(c: Config) -> Module:
    """Gemma 3 that judges pictures; either level of its config ties the head."""
    return _seeing(c, tied=is_tied_at_either(c))


@family("shieldgemma2", "ShieldGemma2ForImageClassification", kind="multimodal")
def shieldgemma2_classifier(c: Config) -> Module:
    """The same inside another model, which takes two of the scores."""
    return module(model=shieldgemma2(c))


def _seeing(c: Config, *, tied: bool) -> Module:
    text, vision = c.text_config, c.vision_config
    projector = module(
        mm_input_projection_weight=Weight((vision.hidden_size, text.hidden_size), "linear"),
        mm_soft_emb_norm=rms_norm(vision.hidden_size),
    )
    return multimodal_model(c, tied=tied, vision_tower=part_of(vision), multi_modal_projector=projector)


def _attention(c: Config, window: int | None = None, norm: Part | None = None) -> Module:
    return self_attention(c, bias=c.attention_bias, window=window, qk_norm=norm)


def _gemma3_window(c: Config, layer_type: str) -> int | None:
    window = window_of(c, layer_type)
    # Seeing both ways, half of the window lies behind a token.
    return window // 2 + 1 if window is not None and c.use_bidirectional_attention else window


def _four_norm_layer(c: Config, self_attn: Module) -> Module:
    hidden_size = c.hidden_size
    return pre_norm_layer(
        hidden_size,
        self_attn,
        gated_mlp(hidden_size, c.intermediate_size),
        pre_feedforward_layernorm=rms_norm(hidden_size),
        post_feedforward_layernorm=rms_norm(hidden_size),
    )


@family("vaultgemma", "VaultGemmaForCausalLM")
def vaultgemma(c: Config) -> Module:
    """Gemma 2 without the norms behind the blocks."""
    hidden_size = c.hidden_size

    def layer(layer_type: str) -> Module:
        return module(
            self_attn=self_attention(c, bias=c.attention_bias, window=window_of(c, layer_type)),
            mlp=gated_mlp(hidden_size, c.intermediate_size),
            input_layernorm=rms_norm(hidden_size),
            pre_feedforward_layernorm=rms_norm(hidden_size),
        )

    return causal_lm(c, stack(layer_types(c, full_every=2), layer), norm=rms_norm(hidden_size))
