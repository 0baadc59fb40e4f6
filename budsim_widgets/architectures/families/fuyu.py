"""Fuyu, which has no vision tower: the patches' colours are the input."""

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
    patch_dim = side_of(c.patch_size, "patch_size") ** 2 * c.num_channels
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_embed_tokens=linear(patch_dim, c.text_config.hidden_size, bias=True)
    )
