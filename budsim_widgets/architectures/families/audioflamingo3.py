"""NVIDIA's Audio Flamingo 3 and Music Flamingo: Whisper's encoder, two linear layers, and Qwen 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.vision import two_layer_projector
from budsim_widgets.architectures.blocks.whisper import audio_language_model, whisper_encoder
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("audioflamingo3", "AudioFlamingo3ForConditionalGeneration", kind="multimodal")
@family("musicflamingo", "MusicFlamingoForConditionalGeneration", kind="multimodal")
def audioflamingo3(c: Config) -> Module:
    """Two layers between; the head is never tied."""
    text_hidden_size = c.text_config.hidden_size
    return audio_language_model(
        c, two_layer_projector(c.audio_config.hidden_size, text_hidden_size, bias=c.projector_bias), tied=False
    )


@family("audioflamingo3_encoder", "AudioFlamingo3Encoder")
def audioflamingo3_encoder(c: Config) -> Module:
    """Whisper's encoder."""
    return whisper_encoder(c)
