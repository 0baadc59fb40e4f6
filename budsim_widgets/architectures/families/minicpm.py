"""MiniCPM: Llama with scaled residuals (2B: 2,724,880,896 parameters, as its page says); 3 has latent attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import mla
from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, head, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("minicpm", "MiniCPMForCausalLM")
def minicpm(c: Config) -> Module:
    """Llama with scaled residuals; the head is tied unless the config says otherwise."""
    hidden_size = c.hidden_size
    layer = pre_norm_layer(
        hidden_size, self_attention(c, bias=c.get("attention_bias", False)), gated_mlp(hidden_size, c.intermediate_size)
    )
    return module(
        model=causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size)).children["model"],
        lm_head=head(c, tied=c.get("tie_word_embeddings", True)),
    )


@family("minicpm3", "MiniCPM3ForCausalLM")
def minicpm3(c: Config) -> Module:
    """Values are as wide as in plain attention unless the config says otherwise."""
    self_attn = mla(c, v_head_dim=c.get("v_head_dim", c.hidden_size // c.num_attention_heads))
    layer = pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))
