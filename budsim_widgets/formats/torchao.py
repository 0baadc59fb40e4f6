"""torchao's tensors: bytes, floats of a byte, and two elements a byte, each with the scales of its granularity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple, TypeAlias

from budsim_widgets.formats.base import QuantizedFormat, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role

_LAYERS: Final[frozenset[Role]] = frozenset({"linear", "head"})
_KERNEL_ALIGNMENT: Final = 16

Packing: TypeAlias = Literal["plain", "plain_int32", "preshuffled", "preshuffled_fp8", "tile_packed_to_4d"]


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
class _Torchao(QuantizedFormat):
    """What torchao makes of linear layers; transformers 5 leaves fused experts as they are."""

    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "experts", "head"})
    compared_roles: ClassVar[frozenset[Role]] = _LAYERS


@dataclass(frozen=True, kw_only=True)
class Int8(_Torchao):
    """A byte an element; for each scale, which is fp32, a zero point of a byte.

    Attributes:
        granularity: What shares a scale.

    Example:
        >>> Int8().memory_bytes(768, 1024), Int8(granularity=Granularity(1, 64)).memory_bytes(768, 1024)
        (790272, 847872)

    Source: `Int8Tensor` of torchao 0.18, measured.
    """

    granularity: Granularity = PER_ROW

    key: ClassVar[str] = "torchao-int8"

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int8 (torchao)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`int8`."""
        return ("int8",)

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether groups fill the rows."""
        return self.granularity.divides(rows, columns)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, and a scale and a zero point for what shares them."""
        scales = self.granularity.number(rows, columns)
        return (
            StoredTensor("qdata", "I8", rows * columns),
            StoredTensor("scale", "F32", scales),
            StoredTensor("zero_point", "I8", scales),
        )


@dataclass(frozen=True, kw_only=True)
class Float8(_Torchao):
    """A byte an element, and fp32 scales.

    Attributes:
        granularity: What shares a scale.
        is_for_kernels: Whether activations are quantized too, for whose kernels torchao leaves matrices as they are
            that aren't multiples of 16.

    Example:
        >>> Float8().memory_bytes(768, 1024), Float8(granularity=PER_TENSOR).memory_bytes(768, 1024)
        (789504, 786436)
        >>> Float8(is_for_kernels=True).memory_bytes(768, 1000) == 2 * 768 * 1000
        True

    Source: `Float8Tensor` and `_fp8_mm_compat` of torchao 0.18, measured.
    """

    granularity: Granularity = PER_ROW
    is_for_kernels: bool = False

    key: ClassVar[str] = "torchao-fp8"

    @property
    def label(self) -> str:
        """What people call the format."""
        return "fp8 (torchao)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`fp8`."""
        return ("fp8",)

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether blocks fill the matrix."""
        return self.granularity.divides(rows, columns)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements and the scales; the weight as it is where the kernels couldn't multiply it."""
        if self.is_for_kernels and (rows % _KERNEL_ALIGNMENT or columns % _KERNEL_ALIGNMENT):
            return (StoredTensor("weight", "F16", rows * columns),)
        scales = self.granularity.number(rows, columns)
        return StoredTensor("qdata", "F8", rows * columns), StoredTensor("scale", "F32", scales)


@dataclass(frozen=True, kw_only=True)
class IntX(_Torchao):
    """A byte an element, however few of its bits are used; for each scale a zero point of a byte.

    Attributes:
        bits: Bits that are used.
        granularity: What shares a scale: a group or a row.
        scale_dtype: `F16`, as the weight was, or `F32` where the config says so.

    Example:
        >>> IntX(bits=4, granularity=Granularity(1, 32)).memory_bytes(4096, 4096) - 4096 * 4096
        1572864

    Source: `IntxUnpackedToInt8Tensor` of torchao 0.18, measured.
    """

    bits: int
    granularity: Granularity = PER_ROW
    scale_dtype: Literal["F16", "F32"] = "F16"

    key: ClassVar[str] = "torchao-intx"

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"int{self.bits} in bytes (torchao)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: it takes a byte an element."""
        return ()

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether groups fill the rows."""
        return self.granularity.divides(rows, columns)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, and a scale and a zero point a group."""
        scales = self.granularity.number(rows, columns)
        return (
            StoredTensor("qdata", "I8", rows * columns),
            StoredTensor("scale", self.scale_dtype, scales),
            StoredTensor("zero_point", "I8", scales),
        )


@dataclass(frozen=True, kw_only=True)
class Int4(_Torchao):
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
