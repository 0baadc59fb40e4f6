"""The vision towers of Qwen 3.5 and Qwen4-Exp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.qwen_vision import qwen3_vision_tower
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen3_5_vision", "Qwen3_5VisionModel")
@family("qwen3_5_moe_vision", "Qwen3_5MoeVisionModel")
@family("qwen4_exp_vision", "Qwen4ExpVisionModel")
def qwen3_5_vision(c: Config) -> Module:
    """Qwen3-VL's, without vectors for the text's first layers."""
    return qwen3_vision_tower(c)
