"""The lines of a report: its parts, as people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.formats.base import Basis

_NAMES: Final = {
    "weights": "Weights",
    "projector": "Vision and audio (mmproj)",
    "kv_cache": "KV cache",
    "state": "Recurrent state",
    "activations": "Activations",
    "overhead": "Overhead",
}
_ONLY_WHERE_HELD: Final = frozenset({"state", "projector"})


class Line(NamedTuple):
    """One line of the report.

    Attributes:
        key: The part, as `basis_of` names it.
        name: What people call it.
        num_bytes: Bytes on all devices.
        basis: `exact` or `estimate`.
        detail: Its format, or where the figure comes from.
    """

    key: str
    name: str
    num_bytes: int
    basis: Basis
    detail: str


def lines_of(
    held_bytes: Mapping[str, int], basis_of: Mapping[str, Basis], details: Mapping[str, str]
) -> tuple[Line, ...]:
    """A line for each part; states and a projector have one where there are any.

    Args:
        held_bytes: Bytes of each part.
        basis_of: What is claimed of each.
        details: What stands beside each.

    Example:
        >>> lines_of({"weights": 64, "state": 0}, {"weights": "exact"}, {})
        (Line(key='weights', name='Weights', num_bytes=64, basis='exact', detail=''),)
    """
    lines = (
        Line(key, name, held_bytes.get(key, 0), basis_of.get(key, "estimate"), details.get(key, ""))
        for key, name in _NAMES.items()
    )
    return tuple(line for line in lines if line.num_bytes or line.key in held_bytes.keys() - _ONLY_WHERE_HELD)
