"""NVIDIA's Nemotron 3.5 Transcribe: what is said and by whom, written by Nemotron-H, and the time of every word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp, transposed_conv
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import language_model
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("nemo_speechlm", "Nemotron3_5TranscribeForConditionalGeneration", kind="multimodal")
def nemotron_transcribe(c: Config) -> Module:
    """The head is never tied."""
    text, audio, words = c.text_config, c.audio_config, c.word_timestamp_config
    asr_hidden_size = audio.asr_config.hidden_size
    return module(
        model=module(
            audio_tower=_audio_tower(audio),
            language_model=language_model(text),
            multi_modal_projector=linear(asr_hidden_size, text.hidden_size, bias=True),
            word_timestamp_encoder=_word_timestamps(words),
        ),
        lm_head=head(text, tied=False),
        word_timestamp_head=conv(words.vocab_size, words.hidden_size, 1),
    )


def _audio_tower(c: Config) -> Module:
    speakers = c.diarization_config.head_config.num_speakers
    return module(
        asr_encoder=module({"embedder": _stacking(c.asr_config), **_layers(c.asr_config, normed=True)}),
        diarization_model=_diarization(c.diarization_config),
        asr_norm=layer_norm(c.asr_config.hidden_size),
        speaker_norm=layer_norm(speakers),
    )


def _stacking(c: Config) -> Module:
    """Joins the frames that become one vector."""
    return module(projection=linear(c.subsampling_factor * c.num_mel_bins, c.hidden_size))


def _layers(c: Config, *, normed: bool) -> dict[str, Part]:
    """A norm, layers and a norm; the attention may norm queries and keys."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    head_dim = c.head_dim
    q_size = num_attention_heads * head_dim
    norm = layer_norm(head_dim) if normed else None
    layer = module(
        self_attn=module(
            q_proj=linear(hidden_size, q_size),
            k_proj=linear(hidden_size, c.num_key_value_heads * head_dim),
            v_proj=linear(hidden_size, q_size),
            o_proj=linear(q_size, hidden_size, bias=True),
            q_norm=norm,
            k_norm=norm,
        ),
        layer_norm1=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        layer_norm2=layer_norm(hidden_size),
    )
    return {
        "input_layer_norm": layer_norm(hidden_size),
        "layers": repeat(c.num_hidden_layers, layer),
        "layer_norm": layer_norm(hidden_size),
    }


def _diarization(c: Config) -> Module:
    """Classifies for each moment who speaks."""
    audio, scores = c.audio_config, c.head_config
    hidden_size = scores.hidden_size
    return module(
        silence_embeds=Weight((audio.hidden_size,), "embedding"),
        model=module(
            audio_tower=module({"embedder": _stacking(audio), **_layers(audio, normed=False)}),
            proj=linear(scores.audio_hidden_size, hidden_size, bias=True),
            upsampler=module(conv=conv(hidden_size * scores.subsampling_factor, hidden_size, 3)),
        ),
        classifier=module(
            dense=linear(hidden_size, hidden_size, bias=True),
            out_proj=linear(hidden_size, scores.num_speakers, bias=True),
        ),
    )


def _word_timestamps(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        {"upsampler": transposed_conv(hidden_size, hidden_size, c.upsampling_factor), **_layers(c, normed=True)}
    )
