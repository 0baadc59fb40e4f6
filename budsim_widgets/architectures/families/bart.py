"""BART, mBART and PLBART."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import BART, MBART, bart_decoder_only, bart_encoder_decoder
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("bart", "BartForConditionalGeneration")
@family("plbart", "PLBartForConditionalGeneration")
def bart(c: Config) -> Module:
    """Two spare rows of positions, a norm behind the embedding."""
    return bart_encoder_decoder(c, BART)


@family("bart", "BartForCausalLM")
@family("plbart", "PLBartForCausalLM")
def bart_decoder(c: Config) -> Module:
    """BART's decoder."""
    return bart_decoder_only(c, BART)


@family("mbart", "MBartForConditionalGeneration")
def mbart(c: Config) -> Module:
    """BART with a norm at the end as well."""
    return bart_encoder_decoder(c, MBART)


@family("mbart", "MBartForCausalLM")
def mbart_decoder(c: Config) -> Module:
    """MBART's decoder."""
    return bart_decoder_only(c, MBART)
