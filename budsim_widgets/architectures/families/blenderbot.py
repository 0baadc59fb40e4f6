"""Blenderbot, and its small size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import PEGASUS, BartStyle, bart_decoder_only, bart_encoder_decoder
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_SMALL = BartStyle(embedding_norm=True)


@family("blenderbot", "BlenderbotForConditionalGeneration")
def blenderbot(c: Config) -> Module:
    """A norm at the end, none behind the embedding, as in Pegasus."""
    return bart_encoder_decoder(c, PEGASUS)


@family("blenderbot", "BlenderbotForCausalLM")
def blenderbot_decoder(c: Config) -> Module:
    """The decoder alone."""
    return bart_decoder_only(c, PEGASUS)


@family("blenderbot-small", "BlenderbotSmallForConditionalGeneration")
def blenderbot_small(c: Config) -> Module:
    """A norm behind the embedding, no spare positions."""
    return bart_encoder_decoder(c, _SMALL)


@family("blenderbot-small", "BlenderbotSmallForCausalLM")
def blenderbot_small_decoder(c: Config) -> Module:
    """Blenderbot small's decoder."""
    return bart_decoder_only(c, _SMALL)
