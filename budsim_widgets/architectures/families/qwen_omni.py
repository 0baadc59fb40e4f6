"""Qwen that sees and hears: Qwen2.5-Omni and Qwen3-Omni without their voices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.vision import VIT_PROJECTIONS, head_size, is_tied_at_top, seeing_model
from budsim_widgets.architectures.families.qwen_vision import merged_width, patches, sequential_merger, vision_block
from budsim_widgets.architectures.families.qwen_vl import qwen2_vl_text, qwen3_vl_moe_text
from budsim_widgets.architectures.parts import Module, Stack, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.architecture import Basis
    from budsim_widgets.architectures.config import Config

family("qwen2_5_omni_text", "Qwen2_5OmniThinkerTextModel")(qwen2_vl_text)
family("qwen3_omni_moe_text", "Qwen3OmniMoeThinkerTextModel")(qwen3_vl_moe_text)


@family("qwen2_5_omni_thinker", "Qwen2_5OmniThinkerForConditionalGeneration", kind="multimodal")
@family("qwen3_omni_moe_thinker", "Qwen3OmniMoeThinkerForConditionalGeneration", kind="multimodal")
def thinker(c: Config) -> Module:
    """What listens, looks and writes; the talker is a model of its own."""
    return seeing_model(c, tied=is_tied_at_top(c), audio_tower=part_of(c.audio_config), visual=part_of(c.vision_config))


def _speaks(c: Config) -> bool:
    return bool(c.get("enable_audio_output", True))


def _basis(c: Config) -> Basis:
    return "estimate" if _speaks(c) else "exact"


def _notes(c: Config) -> tuple[str, ...]:
    return ("Counted is the thinker, which writes; what makes it speak, the talker and its codec, isn't.",) * _speaks(c)


@family("qwen2_5_omni", "Qwen2_5OmniForConditionalGeneration", kind="multimodal", notes=_notes, basis=_basis)
@family("qwen2_5_omni", "Qwen2_5OmniModel", kind="multimodal", notes=_notes, basis=_basis)
@family("qwen3_omni_moe", "Qwen3OmniMoeForConditionalGeneration", kind="multimodal", notes=_notes, basis=_basis)
def omni(c: Config) -> Module:
    """The whole of which the thinker is a part."""
    return module(thinker=thinker(c.thinker_config))


@family("qwen2_5_omni_vision_encoder", "Qwen2_5OmniVisionEncoder")
def qwen2_vision(c: Config) -> Module:
    """Qwen2.5-VL's tower with separate queries, keys and values."""
    size = c.hidden_size
    attn = module({name: linear(size, size, bias=True) for name in ("q", "k", "v", "proj")})
    block = module(
        norm1=rms_norm(size), norm2=rms_norm(size), attn=attn, mlp=gated_mlp(size, c.intermediate_size, bias=True)
    )
    return module(
        patch_embed=patches(c, size, bias=False),
        blocks=repeat(c.depth, block),
        merger=sequential_merger(c, rms_norm(size), c.out_hidden_size),
    )


@family("qwen3_omni_moe_vision_encoder", "Qwen3OmniMoeVisionEncoder")
def qwen3_vision(c: Config) -> Module:
    """Qwen3-VL's tower under other names."""
    size = c.hidden_size
    feed_forward = mlp(size, c.intermediate_size, names=("linear_fc1", "linear_fc2"))
    deep = len(c.get("deepstack_visual_indexes", ()))
    return module(
        merger_list=repeat(deep, sequential_merger(c, layer_norm(merged_width(c)), c.out_hidden_size)),
        patch_embed=patches(c, size, bias=True),
        pos_embed=embedding(c.num_position_embeddings, size),
        blocks=repeat(c.depth, vision_block(size, layer_norm(size), feed_forward)),
        merger=sequential_merger(c, layer_norm(size), c.out_hidden_size),
    )


@family("qwen2_5_omni_audio_encoder", "Qwen2_5OmniAudioEncoder")
def qwen2_audio(c: Config) -> Module:
    """Whisper's encoder with positions that aren't learned, and marks of where sound begins and ends."""
    size = c.d_model
    return module(
        conv1=conv(size, c.num_mel_bins, 3),
        conv2=conv(size, size, 3),
        audio_bos_eos_token=embedding(2, c.get("output_dim", 3584)),
        layers=_audio_layers(c, key_bias=False),
        ln_post=layer_norm(size),
        proj=linear(size, c.get("output_dim", 3584), bias=True),
    )


@family("qwen3_omni_moe_audio_encoder", "Qwen3OmniMoeAudioEncoder")
def qwen3_audio(c: Config) -> Module:
    """Three convolutions, each of which halves the spectrogram both ways."""
    size, width, bins = c.d_model, c.get("downsample_hidden_size", 480), c.num_mel_bins
    for _ in range(3):
        bins = (bins + 1) // 2
    return module(
        layers=_audio_layers(c, key_bias=True),
        ln_post=layer_norm(size),
        conv2d1=conv(width, 1, 3, 3),
        conv2d2=conv(width, width, 3, 3),
        conv2d3=conv(width, width, 3, 3),
        conv_out=linear(width * bins, size),
        proj1=linear(size, size, bias=True),
        proj2=linear(size, c.get("output_dim", 3584), bias=True),
    )


def _audio_layers(c: Config, *, key_bias: bool) -> Stack:
    size, heads = c.d_model, c.encoder_attention_heads
    layer = module(
        self_attn=attention(
            size, heads, heads, head_size(c), bias=True, key_bias=key_bias, names=VIT_PROJECTIONS, cached=False
        ),
        self_attn_layer_norm=layer_norm(size),
        fc1=linear(size, c.encoder_ffn_dim, bias=True),
        fc2=linear(c.encoder_ffn_dim, size, bias=True),
        final_layer_norm=layer_norm(size),
    )
    return repeat(c.encoder_layers, layer)
