"""Moonshot's Kimi K2, a DeepSeek V3, and K2.5, which adds a vision tower of its own."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import deepseek_decoder
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_routed_layers
from budsim_widgets.architectures.blocks.vision import (
    height_and_width,
    is_tied_at_top,
    multimodal_model,
    short_named_vit_layer,
)
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("kimi_k2", "DeepseekV3ForCausalLM", extras=appended_routed_layers)
def kimi_k2(c: Config) -> Module:
    """DeepSeek V3."""
    return deepseek_decoder(c)


@family("kimi_k25", "Kimi_K25ForConditionalGeneration", kind="multimodal")
def kimi_k25(c: Config) -> Module:
    """Neighbouring patches side by side, then two linear layers."""
    vision = c.vision_config
    joined = vision.hidden_size * prod(vision.merge_kernel_size)
    projector = module(
        pre_norm=layer_norm(c.get("projection_hidden_size", 1152)),
        in_proj=linear(joined, joined, bias=True),
        out_proj=linear(joined, c.text_config.hidden_size, bias=True),
    )
    return multimodal_model(c, tied=is_tied_at_top(c), vision_tower=part_of(vision), mm_projector=projector)


@family("kimi_k25_vision", "Kimi_K25VisionModel")
def kimi_k25_vision(c: Config) -> Module:
    """A learned position for each place of a grid; three colours, whatever the config says."""
    hidden_size = c.hidden_size
    return module(
        patch_embed=module(
            proj=conv(hidden_size, 3, *height_and_width(c.patch_size, "patch_size")),
            pos_emb=module(position_embeddings=Weight((c.pos_emb_height, c.pos_emb_width, hidden_size))),
        ),
        layers=repeat(c.num_hidden_layers, short_named_vit_layer(c)),
        final_layernorm=layer_norm(hidden_size),
    )
