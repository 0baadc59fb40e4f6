"""FSMT: Facebook's WMT19 translators, with a vocabulary for each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import BartStyle, bart_decoder_layer, bart_encoder_layer, bart_side
from budsim_widgets.architectures.blocks.layers import embedding
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_FSMT_PADDING_TOKEN = 1


@family("fsmt", "FSMTForConditionalGeneration")
def fsmt(c: Config) -> Module:
    """A vocabulary for each language; where tied, the target's serves both under the encoder's name."""
    d_model, tied = c.d_model, c.tie_word_embeddings
    rows = c.max_position_embeddings + c.get("pad_token_id", _FSMT_PADDING_TOKEN) + 1
    style, positions = BartStyle(spare_positions=None), embedding(rows, d_model)
    source = c.tgt_vocab_size if tied else c.src_vocab_size
    encoder = bart_side(c, style, repeat(c.encoder_layers, bart_encoder_layer(c)), shared=True)
    decoder = bart_side(c, style, repeat(c.decoder_layers, bart_decoder_layer(c)), shared=True)
    return module(
        model=module(
            encoder=extended(encoder, {"embed_tokens": embedding(source, d_model), "embed_positions": positions}),
            decoder=extended(
                decoder,
                {
                    "embed_tokens": None if tied else embedding(c.tgt_vocab_size, d_model),
                    "embed_positions": positions,
                    "output_projection": head(c, hidden_size=d_model),
                },
            ),
        )
    )
