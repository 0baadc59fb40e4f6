"""Qwen3-ASR: Whisper's layers behind convolutions, and Qwen 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear
from budsim_widgets.architectures.blocks.vision import is_tied_at_top
from budsim_widgets.architectures.blocks.whisper import audio_language_model
from budsim_widgets.architectures.labels import num_labels
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen3_asr", "Qwen3ASRForConditionalGeneration", kind="multimodal")
def qwen3_asr(c: Config) -> Module:
    """The projector yields `output_dim`, which is to be the text model's hidden size."""
    audio_d_model = c.audio_config.d_model
    projector = module(
        linear_1=linear(audio_d_model, audio_d_model, bias=True),
        linear_2=linear(audio_d_model, c.audio_config.get("output_dim", 3584), bias=True),
    )
    return audio_language_model(c, projector, tied=is_tied_at_top(c))


@family("qwen3_asr", "Qwen3ASRForTokenClassification", kind="multimodal")
def qwen3_asr_tagger(c: Config) -> Module:
    """A label for every token, as for aligning words with time."""
    has_bias = c.get("token_classification_bias", False)
    score = linear(c.text_config.hidden_size, num_labels(c.fields), bias=has_bias, role="head")
    return module(model=qwen3_asr(c).children["model"], score=score)


@family("qwen3_asr_encoder", "Qwen3ASREncoder")
def qwen3_asr_encoder(c: Config) -> Module:
    """Three convolutions, each halving time and pitch, in front of Whisper's layers."""
    d_model, channels, encoder_attention_heads = c.d_model, c.downsample_hidden_size, c.encoder_attention_heads
    num_frequencies = c.num_mel_bins
    for _ in range(3):
        num_frequencies = (num_frequencies + 1) // 2
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    layer = module(
        self_attn=attention(
            d_model,
            encoder_attention_heads,
            encoder_attention_heads,
            d_model // encoder_attention_heads,
            bias=True,
            names=names,
            cached=False,
        ),
        self_attn_layer_norm=layer_norm(d_model),
        fc1=linear(d_model, c.encoder_ffn_dim, bias=True),
        fc2=linear(c.encoder_ffn_dim, d_model, bias=True),
        final_layer_norm=layer_norm(d_model),
    )
    return module(
        layers=repeat(c.encoder_layers, layer),
        ln_post=layer_norm(d_model),
        conv2d1=conv(channels, 1, 3, 3),
        conv2d2=conv(channels, channels, 3, 3),
        conv2d3=conv(channels, channels, 3, 3),
        conv_out=linear(channels * num_frequencies, d_model),
    )
