"""Mistral AI's models: dense, Mistral 4 with experts, and Mistral Small 3 with a vision tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import deepseek_decoder
from budsim_widgets.architectures.blocks.llama import llama_decoder
from budsim_widgets.architectures.blocks.pixtral import model_with_pixtral
from budsim_widgets.architectures.registry import family

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
    """Pixtral's tower before a Mistral."""
    return model_with_pixtral(c)
