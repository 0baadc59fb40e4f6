"""The parts that a report's total consists of, with their names and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.translation import mark

if TYPE_CHECKING:
    from budsim_widgets.memory import MemoryReport


class Segment(NamedTuple):
    """A part of the total.

    Attributes:
        name: What it is.
        num_bytes: Bytes on all devices.
        colour: A CSS colour that follows JupyterLab's theme, and has a value where no theme is.
    """

    name: str
    num_bytes: int
    colour: str

    @property
    def plain_colour(self) -> str:
        """The colour outside of any theme."""
        return self.colour.partition(", ")[2].rstrip(")")


def segments_of(report: MemoryReport) -> tuple[Segment, ...]:
    """The parts that are not nothing, in the order in which they are stacked."""
    parts = (
        Segment(mark("Weights"), report.weight_bytes, "var(--jp-brand-color1, #1976d2)"),
        Segment(mark("KV cache"), report.kv_cache_bytes, "var(--jp-warn-color1, #f57c00)"),
        Segment(mark("Recurrent state"), report.state_bytes, "var(--jp-success-color1, #388e3c)"),
        Segment(mark("Activations"), report.activation_bytes, "var(--jp-info-color1, #0097a7)"),
        Segment(mark("Overhead"), report.overhead_bytes, "var(--jp-layout-color4, #757575)"),
    )
    return tuple(part for part in parts if part.num_bytes)
