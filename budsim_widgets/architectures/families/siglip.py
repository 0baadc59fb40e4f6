"""SigLIP and SigLIP 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.siglip import pooling_head, siglip2_without_head, siglip_without_head
from budsim_widgets.architectures.parts import extended
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("siglip_vision_model", "SiglipVisionModel")
def siglip_vision(c: Config) -> Module:
    """Patches and learned positions, pre-norm layers, and by default a head that pools the patches by attention."""
    return extended(siglip_without_head(c), {"head": pooling_head(c) if c.get("vision_use_head", True) else None})


@family("siglip2_vision_model", "Siglip2VisionModel")
def siglip2_vision(c: Config) -> Module:
    """SigLIP 2 and, as in SigLIP, its head."""
    return extended(siglip2_without_head(c), {"head": pooling_head(c) if c.get("vision_use_head", True) else None})
