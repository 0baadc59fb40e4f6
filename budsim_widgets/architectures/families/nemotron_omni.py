"""Nemotron 3 Omni: Nemotron-H that sees through RADIO and, where the config says so, hears through Parakeet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import layer_norm, linear, rms_norm
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.families.nemotron import nemotron_extras
from budsim_widgets.architectures.parts import Module, module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("nemotron_h_omni", "NemotronH_Omni_Reasoning_V3", kind="multimodal", extras=nemotron_extras)
def nemotron_h_omni(c: Config) -> Module:
    """The parts stand beside each other; a language model that predicts several tokens brings a norm of its own."""
    text, vision, audio, vision_hidden_size = (
        c.text_config,
        c.vision_config,
        c.get("audio_config"),
        c.vision_hidden_size,
    )
    frames, tower_frames = c.video_temporal_patch_size, vision.get("video_temporal_patch_size")
    if tower_frames != frames:
        message = f"The vision tower joins {tower_frames} frames, but the model {frames}."
        raise inconsistent("video_temporal_patch_size", message)
    joined = vision_hidden_size * int(1 / c.downsample_ratio) ** 2
    return module(
        language_model=part_of(text),
        vision_model=part_of(vision),
        vision_final_layernorm=layer_norm(vision_hidden_size) if text.get("num_nextn_predict_layers", 0) > 0 else None,
        multi_modal_projector=_projector(joined, c.projector_hidden_size, text.hidden_size),
        audio_tower=None if audio is None else part_of(audio),
        embed_audio=None if audio is None else _audio_projector(audio, text.hidden_size),
    )


def _audio_projector(c: Config, text_hidden_size: int) -> Module:
    return _projector(c.hidden_size, c.projection_hidden_size, text_hidden_size, bias=c.projection_bias)


def _projector(in_features: int, projector_hidden_size: int, text_hidden_size: int, *, bias: bool = False) -> Module:
    return module(
        layer_norm=rms_norm(in_features),
        linear_1=linear(in_features, projector_hidden_size, bias=bias),
        linear_2=linear(projector_hidden_size, text_hidden_size, bias=bias),
    )
