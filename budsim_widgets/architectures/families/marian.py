"""Marian: BART's layers between vocabularies of two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import BartStyle, bart_decoder, bart_encoder
from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import extended, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_MARIAN = BartStyle()


@family("marian", "MarianMTModel")
def marian(c: Config) -> Module:
    """Computed positions that are stored; source and target may have a vocabulary each."""
    d_model, shares, tied = c.d_model, c.share_encoder_decoder_embeddings, c.tie_word_embeddings
    target = c.vocab_size if shares else _target_vocabulary(c)
    return module(
        model=module(
            shared=embedding(c.vocab_size, d_model) if shares else None,
            encoder=bart_encoder(c, _MARIAN, shared=tied and shares),
            decoder=_marian_side(c, shared=tied and shares, decoder_only=False),
        ),
        lm_head=None if tied else linear(d_model, target, role="head"),
    )


@family("marian", "MarianForCausalLM")
def marian_decoder(c: Config) -> Module:
    """Marian's decoder."""
    return module(model=module(decoder=_marian_side(c, shared=False, decoder_only=True)), lm_head=head(c))


def _marian_side(c: Config, *, shared: bool, decoder_only: bool) -> Module:
    table = None if shared else embedding(_target_vocabulary(c), c.d_model)
    return extended(bart_decoder(c, _MARIAN, shared=shared, decoder_only=decoder_only), {"embed_tokens": table})


def _target_vocabulary(c: Config) -> int:
    return int(c.get("decoder_vocab_size") or c.vocab_size)
