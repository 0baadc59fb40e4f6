"""What a person should know about the activations of a model, whatever runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture

_MULTIMODAL_NOTE: Final = "Activations are those of a text prompt; images, audio and video add to them."


def text_prompt_notes(architecture: Architecture) -> tuple[str, ...]:
    """That the prompt is taken for text, where a model also reads something else."""
    return (_MULTIMODAL_NOTE,) if architecture.is_multimodal else ()
