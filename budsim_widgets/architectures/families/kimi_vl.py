"""Kimi K2.5: DeepSeek V3 that sees through a tower of its own."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import head_size, height_and_width, is_tied_at_top, seeing_model
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


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
    return seeing_model(c, tied=is_tied_at_top(c), vision_tower=part_of(vision), mm_projector=projector)


@family("kimi_k25_vision", "Kimi_K25VisionModel")
def kimi_k25_vision(c: Config) -> Module:
    """A learned position for each place of a grid; it sees three colours."""
    size, heads = c.hidden_size, c.num_attention_heads
    names = ("q_proj", "k_proj", "v_proj", "proj")
    layer = module(
        norm1=layer_norm(size),
        norm2=layer_norm(size),
        attn=attention(size, heads, heads, head_size(c), bias=True, names=names, cached=False),
        mlp=mlp(size, c.intermediate_size, names=("fc1", "fc2")),
    )
    return module(
        patch_embed=module(
            proj=conv(size, 3, *height_and_width(c.patch_size, "patch_size")),
            pos_emb=module(position_embeddings=Weight((c.pos_emb_height, c.pos_emb_width, size))),
        ),
        layers=repeat(c.num_hidden_layers, layer),
        final_layernorm=layer_norm(size),
    )
