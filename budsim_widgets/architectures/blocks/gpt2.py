"""The frame of GPT-2, in which other decoders put their layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, mlp
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def gpt2_frame(c: Config, layer: Module) -> Module:
    """Learned positions, one kind of layer and a last norm, under GPT-2's names."""
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(c.hidden_size),
        base="transformer",
        embed_name="wte",
        layers_name="h",
        norm_name="ln_f",
        wpe=embedding(c.max_position_embeddings, c.hidden_size),
    )


def gptj_frame(c: Config, attn: Module) -> Module:
    """Layers whose attention and feed-forward block stand side by side behind one norm, and a head with a bias."""
    hidden_size = c.hidden_size
    layer = module(
        ln_1=layer_norm(hidden_size),
        attn=attn,
        mlp=mlp(hidden_size, c.get("n_inner", 4 * hidden_size), names=("fc_in", "fc_out")),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size),
        base="transformer",
        embed_name="wte",
        layers_name="h",
        norm_name="ln_f",
        head_bias=True,
    )
