"""DiffLlama: Llama with the difference of two attentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import Weight
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("diffllama", "DiffLlamaForCausalLM")
def diffllama(c: Config) -> Module:
    """The difference of two attentions, weighed by four learned vectors; its group norm has no weight."""
    weights: dict[str, Part | None] = {f"lambda_{name}": Weight((c.head_dim,)) for name in ("q1", "k1", "q2", "k2")}
    self_attn = self_attention(c, bias=c.attention_bias, more=weights)
    return uniform_decoder(c, pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size)))
