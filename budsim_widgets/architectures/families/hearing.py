"""Language models that hear: Whisper's encoder or one like it, a projector, and a text model of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model, two_layer_projector
from budsim_widgets.architectures.blocks.whisper import whisper_encoder
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen2_audio_encoder", "Qwen2AudioEncoder")
@family("audioflamingo3_encoder", "AudioFlamingo3Encoder")
@family("voxtral_encoder", "VoxtralEncoder")
@family("moss_transcribe_diarize_audio", "MossTranscribeDiarizeAudioModel")
def whisper_like(c: Config) -> Module:
    """Whisper's encoder."""
    return whisper_encoder(c)


@family("qwen2_audio", "Qwen2AudioForConditionalGeneration", kind="multimodal")
def qwen2_audio(c: Config) -> Module:
    """A linear layer between the two; the head is never tied."""
    projector = module(linear=linear(c.audio_config.d_model, c.text_config.hidden_size, bias=True))
    return _hearing(c, projector, tied=False)


@family("audioflamingo3", "AudioFlamingo3ForConditionalGeneration", kind="multimodal")
@family("musicflamingo", "MusicFlamingoForConditionalGeneration", kind="multimodal")
def audioflamingo3(c: Config) -> Module:
    """Two layers between; the head is never tied."""
    text_hidden_size = c.text_config.hidden_size
    return _hearing(
        c, two_layer_projector(c.audio_config.hidden_size, text_hidden_size, bias=c.projector_bias), tied=False
    )


@family("voxtral", "VoxtralForConditionalGeneration", kind="multimodal")
def voxtral(c: Config) -> Module:
    """Several of the encoder's vectors are joined to the intermediate size of its feed-forward block."""
    projector = two_layer_projector(c.audio_config.intermediate_size, c.text_config.hidden_size, bias=False)
    return _hearing(c, projector, tied=False)


@family("moss_transcribe_diarize", "MossTranscribeDiarizeForConditionalGeneration", kind="multimodal")
def moss_transcribe_diarize(c: Config) -> Module:
    """Joins `audio_merge_size` vectors, and norms what comes out."""
    text_hidden_size, joined_hidden_size = c.text_config.hidden_size, c.audio_config.hidden_size * c.audio_merge_size
    projector = two_layer_projector(
        joined_hidden_size, text_hidden_size, bias=c.projector_bias, norm=layer_norm(text_hidden_size)
    )
    return _hearing(c, projector, tied=is_tied_at_top(c))


@family("glmasr", "GlmAsrForConditionalGeneration", kind="multimodal")
def glmasr(c: Config) -> Module:
    """A projector twice as wide as the text model."""
    text_hidden_size = c.text_config.hidden_size
    projector = module(
        linear_1=linear(c.audio_config.intermediate_size, 2 * text_hidden_size, bias=True),
        linear_2=linear(2 * text_hidden_size, text_hidden_size, bias=True),
    )
    return _hearing(c, projector, tied=is_tied_at_top(c))


@family("glmasr_encoder", "GlmAsrEncoder")
def glmasr_encoder(c: Config) -> Module:
    """Whisper's encoder with rotary positions."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    head_dim = c.head_dim
    layer = module(
        self_attn=attention(
            hidden_size, num_attention_heads, c.num_key_value_heads, head_dim, bias=True, key_bias=False, cached=False
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return module(
        conv1=conv(hidden_size, c.num_mel_bins, 3),
        conv2=conv(hidden_size, hidden_size, 3),
        layers=repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size),
    )


@family("qwen3_asr", "Qwen3ASRForConditionalGeneration", kind="multimodal")
def qwen3_asr(c: Config) -> Module:
    """The projector yields `output_dim`, which is to be the text model's hidden size."""
    audio_d_model = c.audio_config.d_model
    projector = module(
        linear_1=linear(audio_d_model, audio_d_model, bias=True),
        linear_2=linear(audio_d_model, c.audio_config.get("output_dim", 3584), bias=True),
    )
    return _hearing(c, projector, tied=is_tied_at_top(c))


@family("qwen3_asr_encoder", "Qwen3ASREncoder")
def qwen3_asr_encoder(c: Config) -> Module:
    """Three convolutions, each halving time and pitch, in front of Whisper's layers."""
    d_model, channels, encoder_attention_heads = c.d_model, c.downsample_hidden_size, c.encoder_attention_heads
    pitches = c.num_mel_bins
    for _ in range(3):
        pitches = (pitches + 1) // 2
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
        conv_out=linear(channels * pitches, d_model),
    )


def _hearing(c: Config, projector: Module, *, tied: bool) -> Module:
    return multimodal_model(c, tied=tied, audio_tower=part_of(c.audio_config), multi_modal_projector=projector)
