"""Sarvam's models of Indian languages: GLM 4.5 and DeepSeek V3 under their own names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import deepseek_decoder
from budsim_widgets.architectures.blocks.glm import glm_moe_decoder
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_routed_layers
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("sarvam_mla", "DeepseekV3ForCausalLM", extras=appended_routed_layers)
@family("sarvam_mla", "SarvamMLAForCausalLM", extras=appended_routed_layers)
def sarvam_mla(c: Config) -> Module:
    """105B: DeepSeek V3 with 128 experts; queries aren't compressed."""
    return deepseek_decoder(c)


@family("sarvam_moe", "Glm4MoeForCausalLM", extras=appended_routed_layers)
@family("sarvam_moe", "SarvamMoEForCausalLM", extras=appended_routed_layers)
def sarvam_moe(c: Config) -> Module:
    """30B: GLM 4.5 with normed queries and keys."""
    return glm_moe_decoder(c)
