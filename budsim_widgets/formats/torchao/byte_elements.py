"""A byte an element: torchao's int8, float8, and integers of fewer bits that aren't packed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from budsim_widgets.formats.stored_tensor import StoredTensor
from budsim_widgets.formats.torchao.base import PER_ROW, Granularity, TorchaoFormat

if TYPE_CHECKING:
    from budsim_widgets.formats.base import Basis

_KERNEL_ALIGNMENT: Final = 16


@dataclass(frozen=True, kw_only=True)
class Int8(TorchaoFormat):
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
    basis: ClassVar[Basis] = "exact"

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
class Float8(TorchaoFormat):
    """A byte an element, and fp32 scales.

    Attributes:
        granularity: What shares a scale.
        is_for_kernels: Whether activations are quantized too, for whose kernels torchao leaves matrices as they are
            that aren't multiples of 16.

    Example:
        >>> Float8().memory_bytes(768, 1024), Float8(granularity=Granularity(None, None)).memory_bytes(768, 1024)
        (789504, 786436)
        >>> Float8(is_for_kernels=True).memory_bytes(768, 1000) == 2 * 768 * 1000
        True

    Source: `Float8Tensor` and `_fp8_mm_compat` of torchao 0.18, measured.
    """

    granularity: Granularity = PER_ROW
    is_for_kernels: bool = False

    key: ClassVar[str] = "torchao-fp8"
    basis: ClassVar[Basis] = "exact"

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
class IntX(TorchaoFormat):
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
    basis: ClassVar[Basis] = "exact"

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
