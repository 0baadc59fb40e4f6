"""Qwen2.5-VL and Qwen2.5-Omni (for Qwen 2.5 itself see `qwen2`: its files say so)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.qwen import qwen2_text_decoder
from budsim_widgets.architectures.blocks.qwen_omni import omni_basis, omni_model, omni_notes, omni_thinker
from budsim_widgets.architectures.blocks.qwen_vision import gated_vision_tower, one_matrix_attention
from budsim_widgets.architectures.blocks.vision import is_tied_at_either, multimodal_model
from budsim_widgets.architectures.blocks.whisper import whisper_like_layers
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen2_5_vl", "Qwen2_5_VLForConditionalGeneration", kind="multimodal")
def qwen2_5_vl(c: Config) -> Module:
    """Older files write the text's fields at the top level, newer ones may tie the head in the text's part."""
    return multimodal_model(c, tied=is_tied_at_either(c), visual=part_of(c.vision_config))


@family("qwen2_5_vl_text", "Qwen2_5_VLTextModel")
def qwen2_5_vl_text(c: Config) -> Module:
    """Qwen 2."""
    return qwen2_text_decoder(c)


@family("qwen2_5_omni_text", "Qwen2_5OmniThinkerTextModel")
def qwen2_5_omni_text(c: Config) -> Module:
    """Qwen 2, with a `head_dim` that its class doesn't declare and its code reads all the same."""
    return qwen2_text_decoder(c, head_dim=c.head_dim)


@family("qwen2_5_vl_vision", "Qwen2_5_VisionTransformerPretrainedModel")
def qwen2_5_vl_vision(c: Config) -> Module:
    """RMS norms and a gated feed-forward block."""
    return gated_vision_tower(c, one_matrix_attention(c.hidden_size))


@family("qwen2_5_omni", "Qwen2_5OmniForConditionalGeneration", kind="multimodal", notes=omni_notes, basis=omni_basis)
@family("qwen2_5_omni", "Qwen2_5OmniModel", kind="multimodal", notes=omni_notes, basis=omni_basis)
def qwen2_5_omni(c: Config) -> Module:
    """The whole of which the thinker is a part."""
    return omni_model(c)


@family("qwen2_5_omni_thinker", "Qwen2_5OmniThinkerForConditionalGeneration", kind="multimodal")
def qwen2_5_omni_thinker(c: Config) -> Module:
    """Qwen2.5-VL with an audio tower."""
    return omni_thinker(c)


@family("qwen2_5_omni_vision_encoder", "Qwen2_5OmniVisionEncoder")
def qwen2_5_omni_vision(c: Config) -> Module:
    """Qwen2.5-VL's tower with separate queries, keys and values."""
    hidden_size = c.hidden_size
    attn = module({name: linear(hidden_size, hidden_size, bias=True) for name in ("q", "k", "v", "proj")})
    return gated_vision_tower(c, attn)


@family("qwen2_5_omni_audio_encoder", "Qwen2_5OmniAudioEncoder")
def qwen2_5_omni_audio(c: Config) -> Module:
    """Whisper's encoder with positions that aren't learned, and marks of where sound begins and ends."""
    d_model = c.d_model
    return module(
        conv1=conv(d_model, c.num_mel_bins, 3),
        conv2=conv(d_model, d_model, 3),
        audio_bos_eos_token=embedding(2, c.get("output_dim", 3584)),
        layers=whisper_like_layers(c, key_bias=False),
        ln_post=layer_norm(d_model),
        proj=linear(d_model, c.get("output_dim", 3584), bias=True),
    )
