"""BioGPT: BART's decoder alone, with learned positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import fairseq_decoder_layer
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_SPARE_POSITIONS = 2


@family("biogpt", "BioGptForCausalLM")
def biogpt(c: Config) -> Module:
    """Learned positions with two spare rows."""
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, fairseq_decoder_layer(c, c.intermediate_size)),
        norm=layer_norm(c.hidden_size),
        base="biogpt",
        norm_name="layer_norm",
        head_name="output_projection",
        embed_positions=embedding(c.max_position_embeddings + _SPARE_POSITIONS, c.hidden_size),
    )
