"""Qwen2-Audio: Whisper's encoder, one linear layer, and Qwen 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.whisper import audio_language_model, whisper_encoder
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen2_audio", "Qwen2AudioForConditionalGeneration", kind="multimodal")
def qwen2_audio(c: Config) -> Module:
    """A linear layer between the two; the head is never tied."""
    projector = module(linear=linear(c.audio_config.d_model, c.text_config.hidden_size, bias=True))
    return audio_language_model(c, projector, tied=False)


@family("qwen2_audio_encoder", "Qwen2AudioEncoder")
def qwen2_audio_encoder(c: Config) -> Module:
    """Whisper's encoder."""
    return whisper_encoder(c)
