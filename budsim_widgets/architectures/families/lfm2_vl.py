"""LFM2-VL: SigLIP 2, neighbouring patches joined, and LFM 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("lfm2_vl", "Lfm2VlForConditionalGeneration", kind="multimodal")
def lfm2_vl(c: Config) -> Module:
    """Older files tie the head by `tie_embedding`."""
    joined, projector_hidden_size, bias = (
        c.vision_config.hidden_size * c.downsample_factor**2,
        c.projector_hidden_size,
        c.projector_bias,
    )
    projector = module(
        layer_norm=layer_norm(joined) if c.get("projector_use_layernorm", True) else None,
        linear_1=linear(joined, projector_hidden_size, bias=bias),
        linear_2=linear(projector_hidden_size, c.text_config.hidden_size, bias=bias),
    )
    return multimodal_model(
        c,
        tied=bool(c.get("tie_embedding", is_tied_at_top(c))),
        vision_tower=part_of(c.vision_config),
        multi_modal_projector=projector,
    )
