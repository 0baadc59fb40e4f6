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
        (mark("Weights"), "weights", report.weight_bytes, "var(--jp-brand-color1, #1976d2)"),
        (mark("KV cache"), "kv_cache", report.kv_cache_bytes, "var(--jp-warn-color1, #f57c00)"),
        (mark("Recurrent state"), "state", report.state_bytes, "var(--jp-success-color1, #388e3c)"),
        (mark("Activations"), "activations", report.activation_bytes, "var(--jp-info-color1, #0097a7)"),
        (mark("Overhead"), "overhead", report.overhead_bytes, "var(--jp-layout-color4, #757575)"),
    )
    return tuple(
        Segment(name, num_bytes, colour, report.basis_of[key] == "exact")
        for name, key, num_bytes, colour in parts
        if num_bytes
    )
