"""The peak of a forward pass: what the widest layer holds beside weights and cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.layer_widths import LayerWidths

FP32_BYTES: Final = 4

_RECURRENT_NOTE: Final = (
    "Activations of the recurrent layers are those without fused kernels (mamba-ssm, flash-linear-attention), which "
    "need less."
)
_MULTIMODAL_NOTE: Final = "Activations are those of a text prompt; images, audio and video add to them."


def activation_notes(architecture: Architecture, widths: LayerWidths) -> tuple[str, ...]:
    """What a person should know about the activations of a model, whatever runs it."""
    notes = (_RECURRENT_NOTE,) if widths.recurrent > widths.feed_forward else ()
    return (*notes, _MULTIMODAL_NOTE) if architecture.kind == "multimodal" else notes


def layer_peak(widths: LayerWidths, batch: int, length: int, ranks: int = 1) -> float:
    """Numbers that the widest layer holds at its peak.

    The largest of four moments: in the feed-forward block (beside copies of the residual stream), in attention, in a
    state-space block, or in a norm. Which copies stand at each moment is measured (`data/activations.json`).
    """
    tokens = batch * length
    scores = tokens * length * widths.score_heads / ranks
    masks = _masks(widths, length)
    feed_forward = tokens * (widths.stream_copies * widths.hidden + widths.feed_forward / ranks) + scores + masks
    floor = tokens * widths.floor_copies * widths.hidden + scores + masks
    recurrent = tokens * widths.recurrent / ranks
    attention = tokens * (2 * widths.hidden + widths.attention / ranks) + _attention_extra(widths, scores, masks)
    return max(feed_forward, floor, recurrent, attention) + length * widths.rotary


def _attention_extra(widths: LayerWidths, scores: float, masks: float) -> float:
    # A fused kernel gets the mask as numbers to add, beside the boolean one.
    return widths.score_copies * scores + masks if scores else 3 * masks


def _masks(widths: LayerWidths, length: int) -> float:
    """A boolean mask of tokens by tokens takes half a 16-bit number each; eager attention has two of numbers."""
    if widths.score_heads:
        return 2.0 * length * length
    if widths.masks_from is None or length < widths.masks_from:
        return 0.0
    return length * length / 2
