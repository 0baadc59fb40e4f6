"""EuroBERT: Llama's layers as an encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer
from budsim_widgets.architectures.parts import repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("eurobert", "EuroBertForMaskedLM")
def eurobert(c: Config) -> Module:
    """Llama without a causal mask; its head has a bias where the feed-forward blocks have."""
    hidden_size = c.hidden_size
    layer = pre_norm_layer(
        hidden_size,
        attention(
            hidden_size,
            c.num_attention_heads,
            c.num_key_value_heads,
            c.head_dim,
            bias=c.attention_bias,
            cached=False,
        ),
        gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size), head_bias=c.mlp_bias)
