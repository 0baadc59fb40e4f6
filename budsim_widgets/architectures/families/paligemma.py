"""Those that put SigLIP before a language model with little between: PaliGemma, Aya Vision, Command A Vision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import Module, module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part


@family("paligemma", "PaliGemmaForConditionalGeneration", kind="multimodal")
def paligemma(c: Config) -> Module:
    """One linear layer, as wide as the top level's `projection_dim`."""
    projector = module(linear=linear(c.vision_config.hidden_size, c.projection_dim, bias=True))
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )


@family("aya_vision", "AyaVisionForConditionalGeneration", kind="multimodal")
def aya_vision(c: Config) -> Module:
    """Command A Vision's projector behind a norm; as wide as the text, unless told otherwise."""
    norm = layer_norm(c.vision_config.hidden_size * c.downsample_factor**2)
    return _with_gated_projector(c, c.get("alignment_intermediate_size", c.text_config.hidden_size), layernorm=norm)


@family("cohere2_vision", "Cohere2VisionForConditionalGeneration", kind="multimodal")
def cohere2_vision(c: Config) -> Module:
    """Neighbouring patches side by side, then a gated block whose two ways up are one matrix."""
    return _with_gated_projector(c, c.alignment_intermediate_size)


def _with_gated_projector(c: Config, alignment_intermediate_size: int, **more: Part) -> Module:
    joined = c.vision_config.hidden_size * c.downsample_factor**2
    projector = module(
        more,
        linear_1=linear(joined, alignment_intermediate_size, bias=True),
        linear_2=linear(alignment_intermediate_size // 2, c.text_config.hidden_size, bias=True),
    )
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )
