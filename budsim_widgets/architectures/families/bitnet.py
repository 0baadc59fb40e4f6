"""BitNet: Llama with a norm before each last projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("bitnet", "BitNetForCausalLM")
def bitnet(c: Config) -> Module:
    """A norm before each last projection."""
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size
    self_attn = self_attention(c, bias=c.attention_bias, more={"attn_sub_norm": rms_norm(hidden_size)})
    feed_forward = gated_mlp(hidden_size, intermediate_size)
    return uniform_decoder(
        c,
        pre_norm_layer(
            hidden_size, self_attn, module({**feed_forward.children, "ffn_sub_norm": rms_norm(intermediate_size)})
        ),
    )
