"""nanochat: a plain feed-forward block, and norms without weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import mlp
from budsim_widgets.architectures.blocks.models import causal_lm, self_attention
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("nanochat", "NanoChatForCausalLM")
def nanochat(c: Config) -> Module:
    """A plain feed-forward block; none of its norms has a weight."""
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias),
        mlp=mlp(c.hidden_size, c.intermediate_size, bias=False, names=("fc1", "fc2")),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=None)
