"""ColPali and its followers, which embed pages for retrieval: a vision-language model, its head a projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("colmodernvbert", "ColModernVBertForRetrieval", kind="multimodal")
@family("colpali", "ColPaliForRetrieval", kind="multimodal")
@family("colqwen2", "ColQwen2ForRetrieval", kind="multimodal")
def colpali(c: Config) -> Module:
    """One short vector for every token of the text and every patch of the page."""
    hidden_size = c.vlm_config.text_config.hidden_size
    return module(
        vlm=part_of(c.vlm_config, "model"),
        embedding_proj_layer=linear(hidden_size, c.embedding_dim, bias=True),
    )
