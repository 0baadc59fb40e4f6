"""NVIDIA's Cosmos 3: the half that understands; the half that generates pictures isn't built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.siglip import siglip2_without_head
from budsim_widgets.architectures.blocks.vision import (
    headless_decoder,
    hidden_size_per_head,
    is_tied_at_top,
    multimodal_model,
)
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def _notes(_: Config) -> tuple[str, ...]:
    note = (
        "The published checkpoint also holds the weights that generate pictures, video, sound or actions; "
        "transformers doesn't build them, and they aren't counted."
    )
    return (note,)


@family("cosmos3_omni", "Cosmos3OmniForConditionalGeneration", kind="multimodal", notes=_notes)
def cosmos3_omni(c: Config) -> Module:
    """Qwen3-VL."""
    return multimodal_model(c, tied=is_tied_at_top(c), visual=part_of(c.vision_config))


@family("cosmos3_edge", "Cosmos3EdgeForConditionalGeneration", kind="multimodal", notes=_notes)
def cosmos3_edge(c: Config) -> Module:
    """SigLIP 2, whose neighbouring patches become one vector; the head is never tied."""
    vision_hidden_size, projector_hidden_size = c.vision_config.hidden_size, c.projector_hidden_size
    projector = module(
        norm=layer_norm(vision_hidden_size),
        linear_fc1=linear(vision_hidden_size * c.vision_config.spatial_merge_size**2, projector_hidden_size, bias=True),
        linear_fc2=linear(projector_hidden_size, c.text_config.hidden_size, bias=True),
    )
    return multimodal_model(c, tied=False, visual=part_of(c.vision_config), projector=projector)


@family("cosmos3_edge_text", "Cosmos3EdgeTextModel")
def cosmos3_edge_text(c: Config) -> Module:
    """Llama whose feed-forward block has one way up."""
    hidden_size_per_head(c)  # the heads must divide `hidden_size`, even where `head_dim` is given
    feed_forward = mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias, names=("fc1", "fc2"))
    layer = pre_norm_layer(c.hidden_size, self_attention(c, bias=c.attention_bias), feed_forward)
    return headless_decoder(c, repeat(c.num_hidden_layers, layer))


@family("cosmos3_edge_vision", "Cosmos3EdgeVisionModel")
def cosmos3_edge_vision(c: Config) -> Module:
    """SigLIP 2 without its pooling head."""
    return siglip2_without_head(c)
