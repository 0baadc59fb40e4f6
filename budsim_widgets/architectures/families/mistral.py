"""Mistral AI's models: dense, Mistral 4 with experts, and Mistral Small 3 with a vision tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import deepseek_decoder
from budsim_widgets.architectures.blocks.llama import llama_decoder
from budsim_widgets.architectures.blocks.patch_merger import merging_projector
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model, num_feature_layers
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mistral", "MistralForCausalLM")
def mistral(c: Config) -> Module:
    """Llama with a window that, where set, holds for all layers."""
    return llama_decoder(c, window=c.get("sliding_window"))


@family("mistral4", "Mistral4ForCausalLM")
def mistral4(c: Config) -> Module:
    """DeepSeek V3 without layers for multi-token prediction."""
    return deepseek_decoder(c)


@family("mistral3", "Mistral3ForConditionalGeneration", kind="multimodal")
def mistral3(c: Config) -> Module:
    """Neighbouring patches of Pixtral's tower are merged before the two linear layers."""
    bias = c.get("multimodal_projector_bias", False)
    projector = merging_projector(c, num_layers=num_feature_layers(c), bias=bias)
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )
