"""T5, mT5, uMT5, and Pop2Piano, which is a T5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.t5 import t5_model, t5_notes
from budsim_widgets.architectures.parts import extended, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("t5", "T5ForConditionalGeneration", notes=t5_notes)
@family("mt5", "MT5ForConditionalGeneration", notes=t5_notes)
def t5(c: Config) -> Module:
    """The first layer of either side has the relative positions for all."""
    return t5_model(c, positions_everywhere=False)


@family("umt5", "UMT5ForConditionalGeneration", notes=t5_notes)
def umt5(c: Config) -> Module:
    """Each layer has relative positions of its own."""
    return t5_model(c, positions_everywhere=True)


@family("pop2piano", "Pop2PianoForConditionalGeneration", notes=t5_notes)
def pop2piano(c: Config) -> Module:
    """T5 told which composer to sound like; its head is never tied."""
    conditioner = module(embedding=embedding(c.composer_vocab_size, c.d_model))
    return extended(t5(c), {"mel_conditioner": conditioner, "lm_head": head(c, tied=False)})
