"""Baichuan, whose code lies beside its weights: 7,000,559,616 parameters in its 7B, as its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import gated_mlp
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import pre_norm_layer
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("baichuan", "BaichuanForCausalLM")
@family("baichuan", "BaiChuanForCausalLM")
def baichuan(c: Config) -> Module:
    """One matrix for queries, keys and values."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    self_attn = fused_attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size // num_attention_heads,
        names=("W_pack", "o_proj"),
    )
    return uniform_decoder(c, pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size)))
