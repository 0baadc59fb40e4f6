"""What torchao's formats have in common: which modules they take, and what shares a scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role

_LAYERS: Final[frozenset[Role]] = frozenset({"linear", "head"})


class Granularity(NamedTuple):
    """What shares a scale: a block of so many rows and columns; None is all of them.

    Example:
        >>> Granularity(1, 128).number(4096, 4096), Granularity(1, None).number(4096, 4096)
        (131072, 4096)
        >>> Granularity(None, None).number(4096, 4096), Granularity(128, 128).number(4096, 4000)
        (1, 1024)
    """

    rows: int | None = 1
    columns: int | None = None

    def number(self, rows: int, columns: int) -> int:
        """How many scales a matrix [rows, columns] has."""
        return (ceil_div(rows, self.rows) if self.rows else 1) * (
            ceil_div(columns, self.columns) if self.columns else 1
        )

    def divides(self, rows: int, columns: int) -> bool:
        """Whether the blocks fill the matrix; torchao refuses others."""
        return rows % (self.rows or 1) == 0 and columns % (self.columns or 1) == 0


PER_ROW: Final = Granularity(1, None)
PER_TENSOR: Final = Granularity(None, None)


@dataclass(frozen=True, kw_only=True)
class TorchaoFormat(QuantizedFormat):
    """What torchao makes of linear layers; transformers 5 leaves fused experts as they are."""

    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "experts", "head"})
    compared_roles: ClassVar[frozenset[Role]] = _LAYERS
