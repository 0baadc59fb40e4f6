"""Qwen3-Omni."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.qwen import qwen3_moe_text_decoder
from budsim_widgets.architectures.blocks.qwen_omni import omni_basis, omni_model, omni_notes, omni_thinker
from budsim_widgets.architectures.blocks.qwen_vision import (
    merged_hidden_size,
    sequential_merger,
    vision_block,
    vision_patches,
)
from budsim_widgets.architectures.blocks.whisper import whisper_like_layers
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen3_omni_moe", "Qwen3OmniMoeForConditionalGeneration", kind="multimodal", notes=omni_notes, basis=omni_basis)
def qwen3_omni_moe(c: Config) -> Module:
    """The whole of which the thinker is a part."""
    return omni_model(c)


@family("qwen3_omni_moe_thinker", "Qwen3OmniMoeThinkerForConditionalGeneration", kind="multimodal")
def qwen3_omni_moe_thinker(c: Config) -> Module:
    """Qwen3-VL with an audio tower."""
    return omni_thinker(c)


@family("qwen3_omni_moe_text", "Qwen3OmniMoeThinkerTextModel")
def qwen3_omni_moe_text(c: Config) -> Module:
    """Qwen 3 with experts."""
    return qwen3_moe_text_decoder(c)


@family("qwen3_omni_moe_vision_encoder", "Qwen3OmniMoeVisionEncoder")
def qwen3_omni_vision(c: Config) -> Module:
    """Qwen3-VL's tower under other names."""
    hidden_size = c.hidden_size
    feed_forward = mlp(hidden_size, c.intermediate_size, names=("linear_fc1", "linear_fc2"))
    deep = len(c.get("deepstack_visual_indexes", ()))
    return module(
        merger_list=repeat(deep, sequential_merger(c, layer_norm(merged_hidden_size(c)), c.out_hidden_size)),
        patch_embed=vision_patches(c, hidden_size, bias=True),
        pos_embed=embedding(c.num_position_embeddings, hidden_size),
        blocks=repeat(c.depth, vision_block(hidden_size, layer_norm(hidden_size), feed_forward)),
        merger=sequential_merger(c, layer_norm(hidden_size), c.out_hidden_size),
    )


@family("qwen3_omni_moe_audio_encoder", "Qwen3OmniMoeAudioEncoder")
def qwen3_omni_audio(c: Config) -> Module:
    """Three convolutions, each of which halves the spectrogram both ways."""
    d_model, downsample_hidden_size, bins = c.d_model, c.get("downsample_hidden_size", 480), c.num_mel_bins
    for _ in range(3):
        bins = (bins + 1) // 2
    return module(
        layers=whisper_like_layers(c, key_bias=True),
        ln_post=layer_norm(d_model),
        conv2d1=conv(downsample_hidden_size, 1, 3, 3),
        conv2d2=conv(downsample_hidden_size, downsample_hidden_size, 3, 3),
        conv2d3=conv(downsample_hidden_size, downsample_hidden_size, 3, 3),
        conv_out=linear(downsample_hidden_size * bins, d_model),
        proj1=linear(d_model, d_model, bias=True),
        proj2=linear(d_model, c.get("output_dim", 3584), bias=True),
    )
