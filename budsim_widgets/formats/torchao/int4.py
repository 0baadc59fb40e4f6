"""Two elements a byte: torchao's int4, in each of its packings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div
from budsim_widgets.formats.torchao.base import TorchaoFormat

if TYPE_CHECKING:
    from budsim_widgets.formats.base import Basis

Packing: TypeAlias = Literal["plain", "plain_int32", "preshuffled", "preshuffled_fp8", "tile_packed_to_4d"]


@dataclass(frozen=True, kw_only=True)
class Int4(TorchaoFormat):
    """Two elements a byte, and scales and zero points of groups.

    Attributes:
        group_size: Columns that share a scale.
        packing: How they are packed. `plain` and `preshuffled`: 16-bit scales and zero points. `plain_int32`: zero
            points are bytes. `preshuffled_fp8`: eight fp8 values a group, to look products up, and an fp32 scale a
            row. `tile_packed_to_4d`: rows are filled up to 1,024 columns, and their number to `tile_rows`.
        tile_rows: Rows of a tile.
        leaves_others: Whether rows that groups don't fill stay 16-bit.

    Example:
        >>> Int4().memory_bytes(4096, 4096), Int4(packing="tile_packed_to_4d").memory_bytes(4096, 4096)
        (8912896, 8912896)
        >>> Int4(packing="tile_packed_to_4d").memory_bytes(11008, 4224), Int4().memory_bytes(4096, 4000)
        (29941760, 32768000)
        >>> Int4(packing="preshuffled_fp8").memory_bytes(4096, 4096) - 4096 * 4096 // 2
        1064960

    Source: `Int4WeightOnlyConfig` and the tensors of torchao 0.18 (plain and tiles measured on the CPU and the meta
    device); `quantize_int4_preshuffle` and `fp8_preshuffle_i4` of MSLK, read.
    """

    group_size: int = 128
    packing: Packing = "plain"
    tile_rows: int = 8
    leaves_others: bool = True

    key: ClassVar[str] = "torchao-int4"
    basis: ClassVar[Basis] = "exact"
    TILE_COLUMNS: ClassVar[int] = 1024
    LOOKED_UP: ClassVar[int] = 8

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"int4 (torchao, groups of {self.group_size})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`int4`."""
        return ("int4",)

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether elements come in pairs, and groups fill the rows that must be."""
        del rows
        return columns % 2 == 0 and (self.leaves_others or columns % self.group_size == 0)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, and what each group adds."""
        if self.leaves_others and columns % self.group_size:
            return (StoredTensor("weight", "F16", rows * columns),)
        if self.packing == "tile_packed_to_4d":
            rows = ceil_div(rows, self.tile_rows) * self.tile_rows
            columns = ceil_div(columns, self.TILE_COLUMNS) * self.TILE_COLUMNS
        groups = rows * ceil_div(columns, self.group_size)
        qdata = StoredTensor("qdata", "U8", rows * columns // 2)
        if self.packing == "preshuffled_fp8":
            scales = StoredTensor("group_scale", "F8", self.LOOKED_UP * groups)
            return qdata, scales, StoredTensor("row_scale", "F32", rows)
        zero = "I8" if self.packing == "plain_int32" else "F16"
        return qdata, StoredTensor("scale", "F16", groups), StoredTensor("zero_point", zero, groups)
