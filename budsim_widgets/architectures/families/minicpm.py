"""MiniCPM 3: latent attention in a small dense model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer
from budsim_widgets.architectures.families.deepseek import mla
from budsim_widgets.architectures.parts import repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("minicpm3", "MiniCPM3ForCausalLM")
def minicpm3(c: Config) -> Module:
    """Values are as wide as in plain attention unless the config says otherwise."""
    self_attn = mla(c, v_head_dim=c.get("v_head_dim", c.hidden_size // c.num_attention_heads))
    layer = pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))
