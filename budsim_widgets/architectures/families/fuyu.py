"""Fuyu, which needs no tower: it reads patches as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model, side_of
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("fuyu", "FuyuForCausalLM", kind="multimodal")
def fuyu(c: Config) -> Module:
    """One linear layer takes a patch's colours to the hidden size of a Persimmon."""
    colours = side_of(c.patch_size, "patch_size") ** 2 * c.num_channels
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_embed_tokens=linear(colours, c.text_config.hidden_size, bias=True)
    )
