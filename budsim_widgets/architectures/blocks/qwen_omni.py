"""What Qwen2.5-Omni and Qwen3-Omni share: the thinker, which takes text, pictures and sound and generates text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.architecture import Basis
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def omni_thinker(c: Config) -> Module:
    """Both towers and the language model; the talker is a model of its own."""
    return multimodal_model(
        c, tied=is_tied_at_top(c), audio_tower=part_of(c.audio_config), visual=part_of(c.vision_config)
    )


def _speaks(c: Config) -> bool:
    return bool(c.get("enable_audio_output", True))


def omni_basis(c: Config) -> Basis:
    """Exact without speech; else an estimate, since the talker isn't described."""
    return "estimate" if _speaks(c) else "exact"


def omni_notes(c: Config) -> tuple[str, ...]:
    """That the talker isn't counted."""
    return (
        "Counted is the thinker, which generates text; the talker and its codec, which generate speech, aren't.",
    ) * _speaks(c)


def omni_model(c: Config) -> Module:
    """The whole of which the thinker is a part."""
    return module(thinker=omni_thinker(c.thinker_config))
