"""VideoLLaMA 3: SigLIP with rotary positions before a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear
from budsim_widgets.architectures.blocks.vision import height_and_width, is_tied_at_either, multimodal_model, vit_layer
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("video_llama_3", "VideoLlama3ForConditionalGeneration", kind="multimodal")
def video_llama3(c: Config) -> Module:
    """Either level of the config ties the head."""
    text_hidden_size = c.text_config.hidden_size
    readout = {
        "0": linear(c.vision_config.hidden_size, text_hidden_size, bias=True),
        "2": linear(text_hidden_size, text_hidden_size, bias=True),
    }
    return multimodal_model(
        c,
        tied=is_tied_at_either(c),
        vision_model=part_of(c.vision_config),
        projector=module(readout=module(readout)),
    )


@family("video_llama_3_vision", "VideoLlama3VisionModel")
def video_llama3_vision(c: Config) -> Module:
    """SigLIP with rotary positions."""
    hidden_size = c.hidden_size
    patches = conv(hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size"))
    return module(
        embeddings=module(patch_embedding=patches),
        encoder=module(layers=repeat(c.num_hidden_layers, vit_layer(c))),
        post_layernorm=layer_norm(hidden_size),
    )
