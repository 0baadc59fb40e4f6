"""The parts that a total consists of, with their names and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.translation import mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from budsim_widgets.memory import MemoryReport
    from budsim_widgets.training import TrainingMoment, TrainingReport

_BLUE: Final = "var(--jp-brand-color1, #1976d2)"
_ORANGE: Final = "var(--jp-warn-color1, #f57c00)"
_GREEN: Final = "var(--jp-success-color1, #388e3c)"
_TEAL: Final = "var(--jp-info-color1, #0097a7)"
_RED: Final = "var(--jp-error-color1, #d32f2f)"
_GREY: Final = "var(--jp-layout-color4, #757575)"
_STACKED: Final = (
    "Weights",
    "KV cache",
    "Recurrent state",
    "Gradients",
    "Optimizer",
    "Activations",
    "Loss",
    "Overhead",
)


class Segment(NamedTuple):
    """A part of the total.

    Attributes:
        name: What it is.
        num_bytes: Bytes on all devices.
        colour: A CSS colour that follows JupyterLab's theme, and has a value where no theme is.
        is_exact: Whether the number is exact; an estimate is drawn striped.
    """

    name: str
    num_bytes: int
    colour: str
    is_exact: bool = True

    @property
    def plain_colour(self) -> str:
        """The colour outside of any theme."""
        return self.colour.partition(", ")[2].rstrip(")")


def segments_of(report: MemoryReport) -> tuple[Segment, ...]:
    """The parts that are not nothing, in the order in which they are stacked."""
    parts = (
        (mark("Weights"), "weights", report.weight_bytes, _BLUE),
        (mark("KV cache"), "kv_cache", report.kv_cache_bytes, _ORANGE),
        (mark("Recurrent state"), "state", report.state_bytes, _GREEN),
        (mark("Activations"), "activations", report.activation_bytes, _TEAL),
        (mark("Overhead"), "overhead", report.overhead_bytes, _GREY),
    )
    return _of(parts, report.basis_of)


def segments_of_moment(moment: TrainingMoment, report: TrainingReport) -> tuple[Segment, ...]:
    """What a device holds at a moment of a step of training."""
    parts = (
        (mark("Weights"), "weights", moment.weight_bytes, _BLUE),
        (mark("Gradients"), "gradients", moment.gradient_bytes, _ORANGE),
        (mark("Optimizer"), "optimizer", moment.optimizer_bytes, _GREEN),
        (mark("Activations"), "activations", moment.activation_bytes, _TEAL),
        (mark("Loss"), "loss", moment.loss_bytes, _RED),
        (mark("Overhead"), "overhead", moment.overhead_bytes, _GREY),
    )
    return _of(parts, report.basis_of)


def all_parts(bars: Iterable[Sequence[Segment]]) -> tuple[Segment, ...]:
    """Each part that one of several bars has, once and in the order in which they are stacked."""
    found = {part.name: part for bar in bars for part in bar}
    return tuple(sorted(found.values(), key=lambda part: _STACKED.index(part.name)))


def _of(parts: Iterable[tuple[str, str, int, str]], basis_of: Mapping[str, str]) -> tuple[Segment, ...]:
    return tuple(
        Segment(name, num_bytes, colour, basis_of[key] == "exact")
        for name, key, num_bytes, colour in parts
        if num_bytes
    )
