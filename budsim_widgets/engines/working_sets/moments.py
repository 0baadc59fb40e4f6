"""Moments as the table of model types lists them: sums by what they grow with, and when they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from budsim_widgets.engines.working_sets.held import Held
from budsim_widgets.engines.working_sets.sums import Sum, parsed_sum, value_of

if TYPE_CHECKING:
    from budsim_widgets.engines.working_sets.sums import Widths

Row: TypeAlias = Mapping[str, Any]
"""A moment as the table has it."""

_WHEN: Final = ("attention", "of")
_WHOLE: Final = ("above", "least_batch", "padded")


class Moment(NamedTuple):
    """A moment of a row, read.

    Attributes:
        sums: What is held, by the field of `Held`.
        attention: `eager` or `fused`, with which it comes; empty: with both.
        of: The block that a layer must have for it, see `listed.py`; empty: none.
    """

    sums: tuple[tuple[str, Sum], ...]
    attention: str = ""
    of: str = ""

    @classmethod
    def parsed(cls, row: Row) -> Moment:
        """Reads a row.

        Example:
            >>> Moment.parsed({"of": "encoder", "block": "2*hidden"}).of
            'encoder'
        """
        sums = ((name, parsed_sum(str(text))) for name, text in row.items() if name not in _WHEN)
        return cls(tuple(sums), row.get("attention", ""), row.get("of", ""))

    def held(self, widths: Widths) -> Held:
        """What is held in a layer of these widths."""
        values = {name: value_of(terms, widths) for name, terms in self.sums}
        whole = {name: int(values[name]) for name in _WHOLE if name in values}
        return Held(**(values | whole))  # type: ignore[arg-type] # fields by name
