"""Llama's decoder, which many models build with their own names and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import fused_gated_mlp, gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def llama_decoder(c: Config, *, window: int | None = None) -> Module:
    """Pre-norm layers, grouped queries, a gated feed-forward block.

    Args:
        c: The config: `attention_bias` and `mlp_bias` may be left out.
        window: Tokens that a query of each layer sees, itself included; None for all.
    """
    hidden_size = c.hidden_size
    layer = pre_norm_layer(
        hidden_size,
        self_attention(c, bias=c.get("attention_bias", False), window=window),
        gated_mlp(hidden_size, c.intermediate_size, bias=c.get("mlp_bias", False)),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size))


def uniform_decoder(c: Config, layer: Module, norm: Module | None = None) -> Module:
    """A decoder of one kind of layer, in Llama's frame.

    Args:
        c: The config.
        layer: The layer.
        norm: The norm behind the last layer; None: an RMS norm.
    """
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=norm or rms_norm(c.hidden_size))


def phi3_decoder(c: Config) -> Module:
    """The window, where set, holds for all layers."""
    layer = pre_norm_layer(
        c.hidden_size,
        fused_attention(
            c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, window=c.get("sliding_window")
        ),
        fused_gated_mlp(c.hidden_size, c.intermediate_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


def unconfirmed_notes(c: Config) -> tuple[str, ...]:
    """That no published total confirms the description."""
    return (f"Described from the code that '{c.model_type}' models bring along; no published total confirms it.",)
