"""Qwen that sees and hears: Qwen2.5-Omni and Qwen3-Omni without their voices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.vision import (
    VIT_PROJECTIONS,
    hidden_size_per_head,
    is_tied_at_top,
    multimodal_model,
)
from budsim_widgets.architectures.families.qwen_vision import (
    merged_hidden_size,
    patches,
    sequential_merger,
    vision_block,
)
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
    return multimodal_model(
        c, tied=is_tied_at_top(c), audio_tower=part_of(c.audio_config), visual=part_of(c.vision_config)
    )


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
    hidden_size = c.hidden_size
    attn = module({name: linear(hidden_size, hidden_size, bias=True) for name in ("q", "k", "v", "proj")})
    block = module(
        norm1=rms_norm(hidden_size),
        norm2=rms_norm(hidden_size),
        attn=attn,
        mlp=gated_mlp(hidden_size, c.intermediate_size, bias=True),
    )
    return module(
        patch_embed=patches(c, hidden_size, bias=False),
        blocks=repeat(c.depth, block),
        merger=sequential_merger(c, rms_norm(hidden_size), c.out_hidden_size),
    )


@family("qwen3_omni_moe_vision_encoder", "Qwen3OmniMoeVisionEncoder")
def qwen3_vision(c: Config) -> Module:
    """Qwen3-VL's tower under other names."""
    hidden_size = c.hidden_size
    feed_forward = mlp(hidden_size, c.intermediate_size, names=("linear_fc1", "linear_fc2"))
    deep = len(c.get("deepstack_visual_indexes", ()))
    return module(
        merger_list=repeat(deep, sequential_merger(c, layer_norm(merged_hidden_size(c)), c.out_hidden_size)),
        patch_embed=patches(c, hidden_size, bias=True),
        pos_embed=embedding(c.num_position_embeddings, hidden_size),
        blocks=repeat(c.depth, vision_block(hidden_size, layer_norm(hidden_size), feed_forward)),
        merger=sequential_merger(c, layer_norm(hidden_size), c.out_hidden_size),
    )


@family("qwen2_5_omni_audio_encoder", "Qwen2_5OmniAudioEncoder")
def qwen2_audio(c: Config) -> Module:
    """Whisper's encoder with positions that aren't learned, and marks of where sound begins and ends."""
    d_model = c.d_model
    return module(
        conv1=conv(d_model, c.num_mel_bins, 3),
        conv2=conv(d_model, d_model, 3),
        audio_bos_eos_token=embedding(2, c.get("output_dim", 3584)),
        layers=_audio_layers(c, key_bias=False),
        ln_post=layer_norm(d_model),
        proj=linear(d_model, c.get("output_dim", 3584), bias=True),
    )


@family("qwen3_omni_moe_audio_encoder", "Qwen3OmniMoeAudioEncoder")
def qwen3_audio(c: Config) -> Module:
    """Three convolutions, each of which halves the spectrogram both ways."""
    d_model, downsample_hidden_size, bins = c.d_model, c.get("downsample_hidden_size", 480), c.num_mel_bins
    for _ in range(3):
        bins = (bins + 1) // 2
    return module(
        layers=_audio_layers(c, key_bias=True),
        ln_post=layer_norm(d_model),
        conv2d1=conv(downsample_hidden_size, 1, 3, 3),
        conv2d2=conv(downsample_hidden_size, downsample_hidden_size, 3, 3),
        conv2d3=conv(downsample_hidden_size, downsample_hidden_size, 3, 3),
        conv_out=linear(downsample_hidden_size * bins, d_model),
        proj1=linear(d_model, d_model, bias=True),
        proj2=linear(d_model, c.get("output_dim", 3584), bias=True),
    )


def _audio_layers(c: Config, *, key_bias: bool) -> Stack:
    d_model, encoder_attention_heads = c.d_model, c.encoder_attention_heads
    layer = module(
        self_attn=attention(
            d_model,
            encoder_attention_heads,
            encoder_attention_heads,
            hidden_size_per_head(c),
            bias=True,
            key_bias=key_bias,
            names=VIT_PROJECTIONS,
            cached=False,
        ),
        self_attn_layer_norm=layer_norm(d_model),
        fc1=linear(d_model, c.encoder_ffn_dim, bias=True),
        fc2=linear(c.encoder_ffn_dim, d_model, bias=True),
        final_layer_norm=layer_norm(d_model),
    )
    return repeat(c.encoder_layers, layer)
