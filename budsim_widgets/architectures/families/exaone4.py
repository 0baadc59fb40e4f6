"""EXAONE 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, self_attention, window_of
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("exaone4", "Exaone4ForCausalLM")
def exaone4(c: Config) -> Module:
    """Norms behind the blocks, normed queries and keys; every fourth layer is full."""
    pattern = c.get("sliding_window_pattern") if "sliding_window" in c else None

    def layer(layer_type: str) -> Module:
        return module(
            self_attn=self_attention(c, window=window_of(c, layer_type), qk_norm=rms_norm(c.head_dim)),
            mlp=gated_mlp(c.hidden_size, c.intermediate_size),
            post_attention_layernorm=rms_norm(c.hidden_size),
            post_feedforward_layernorm=rms_norm(c.hidden_size),
        )

    return causal_lm(c, stack(layer_types(c, full_every=pattern), layer), norm=rms_norm(c.hidden_size))
