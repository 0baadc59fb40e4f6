"""XGLM: BART's decoder alone, with computed positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import fairseq_attention, fairseq_decoder_layer
from budsim_widgets.architectures.blocks.layers import layer_norm
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("xglm", "XGLMForCausalLM")
def xglm(c: Config) -> Module:
    """Computed positions; it may have attention to an encoder."""
    cross_attn: dict[str, Part] = {}
    if c.add_cross_attention:
        cross_attn = {
            "encoder_attn": fairseq_attention(c, cached=False),
            "encoder_attn_layer_norm": layer_norm(c.hidden_size),
        }
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, fairseq_decoder_layer(c, c.ffn_dim, **cross_attn)),
        norm=layer_norm(c.hidden_size),
        norm_name="layer_norm",
    )
