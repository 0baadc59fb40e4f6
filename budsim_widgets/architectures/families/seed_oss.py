"""ByteDance's Seed-OSS: Llama."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("seed_oss", "SeedOssForCausalLM")
def seed_oss(c: Config) -> Module:
    """Biases of inputs and outputs by two flags."""
    self_attn = self_attention(c, bias=c.attention_bias, out_bias=c.attention_out_bias)
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
    return uniform_decoder(c, pre_norm_layer(c.hidden_size, self_attn, feed_forward))
