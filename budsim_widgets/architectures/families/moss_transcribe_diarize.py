"""MOSS Transcribe Diarize: Whisper's encoder, some of its vectors joined, and a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import layer_norm
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, two_layer_projector
from budsim_widgets.architectures.blocks.whisper import audio_language_model, whisper_encoder
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("moss_transcribe_diarize", "MossTranscribeDiarizeForConditionalGeneration", kind="multimodal")
def moss_transcribe_diarize(c: Config) -> Module:
    """Joins `audio_merge_size` vectors, and norms what comes out."""
    text_hidden_size, joined_hidden_size = c.text_config.hidden_size, c.audio_config.hidden_size * c.audio_merge_size
    projector = two_layer_projector(
        joined_hidden_size, text_hidden_size, bias=c.projector_bias, norm=layer_norm(text_hidden_size)
    )
    return audio_language_model(c, projector, tied=is_tied_at_top(c))


@family("moss_transcribe_diarize_audio", "MossTranscribeDiarizeAudioModel")
def moss_transcribe_diarize_audio(c: Config) -> Module:
    """Whisper's encoder."""
    return whisper_encoder(c)
