"""Cohere's ASR: Parakeet's Conformer and a decoder of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.asr_decoder import asr_decoder
from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("cohere_asr", "CohereAsrForConditionalGeneration")
def cohere_asr(c: Config) -> Module:
    """Learned positions, and a projection of the encoder's vectors to the decoder's hidden size."""
    hidden_size = c.hidden_size
    decoder = asr_decoder(
        c,
        pos_emb=embedding(c.max_position_embeddings, hidden_size),
        proj=linear(c.encoder_config.hidden_size, hidden_size, bias=True),
    )
    return module(model=module(encoder=part_of(c.encoder_config), decoder=decoder), proj_out=head(c, bias=True))
