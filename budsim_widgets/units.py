"""Bytes as people read them, and the widths of number formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

GIB: Final = 1024**3
"""Bytes in a GiB: what nvidia-smi and the frameworks count in."""

_BINARY_UNITS: Final = (("TiB", 1024**4), ("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))
_DECIMAL_UNITS: Final = (("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3))

DTYPE_BITS: Final[dict[str, int]] = {
    "fp64": 64,
    "fp32": 32,
    "bf16": 16,
    "fp16": 16,
    "fp8": 8,
    "int8": 8,
    "int4": 4,
}
"""Bits that one number takes, by the short name of its format."""

TORCH_DTYPES: Final[dict[str, str]] = {
    "float64": "fp64",
    "double": "fp64",
    "float32": "fp32",
    "float": "fp32",
    "bfloat16": "bf16",
    "float16": "fp16",
    "half": "fp16",
    "float8_e4m3fn": "fp8",
    "float8_e5m2": "fp8",
    "int8": "int8",
}
"""Short names of the formats that torch and config files spell out."""


def dtype_bytes(dtype: str) -> float:
    """Bytes that one number of this format takes.

    Example:
        >>> dtype_bytes("bf16"), dtype_bytes("int4")
        (2.0, 0.5)
    """
    return DTYPE_BITS[dtype] / 8


def short_dtype(name: object) -> str | None:
    """The short name of a format as config files write it, or None for an unknown one.

    Example:
        >>> short_dtype("torch.bfloat16"), short_dtype("bf16"), short_dtype("auto")
        ('bf16', 'bf16', None)
    """
    if not isinstance(name, str):
        return None
    bare = name.removeprefix("torch.")
    return bare if bare in DTYPE_BITS else TORCH_DTYPES.get(bare)


def format_bytes(num_bytes: float) -> str:
    """A number of bytes with a binary unit, three significant digits at least.

    Example:
        >>> format_bytes(16_060_522_496), format_bytes(512), format_bytes(1536)
        ('14.96 GiB', '512 B', '1.50 KiB')
    """
    for unit, size in _BINARY_UNITS:
        if abs(num_bytes) >= size:
            value = num_bytes / size
            return f"{value:,.2f} {unit}" if abs(value) < 1000 else f"{value:,.0f} {unit}"  # noqa: PLR2004
    return f"{num_bytes:,.0f} B"


def format_count(count: float) -> str:
    """A number of parameters as the field writes it.

    Example:
        >>> format_count(8_030_261_248), format_count(124_439_808), format_count(999)
        ('8.03B', '124.44M', '999')
    """
    for unit, size in _DECIMAL_UNITS:
        if abs(count) >= size:
            return f"{count / size:.2f}{unit}"
    return f"{count:,.0f}"


class ByteUnit(NamedTuple):
    """A unit for all numbers of a column, so that they can be compared by eye.

    Attributes:
        name: Such as "GiB".
        size: Its bytes.
    """

    name: str
    size: int

    def number(self, num_bytes: float) -> str:
        """So many of it, with two decimals where it has parts.

        Example:
            >>> common_unit([2**34]).number(2**30 + 2**29), common_unit([2**34]).number(1)
            ('1.50', '<0.01')
        """
        value = num_bytes / self.size
        if 0 < value < 0.005:  # noqa: PLR2004 - what two decimals would round to nothing
            return "<0.01"
        return f"{value:,.0f}" if self.size == 1 or not value else f"{value:,.2f}"

    def amount(self, num_bytes: float) -> str:
        """The number with the unit."""
        return f"{self.number(num_bytes)} {self.name}"


def common_unit(values: Iterable[float]) -> ByteUnit:
    """The unit in which the largest of some amounts is written.

    Example:
        >>> common_unit([512, 3 * 2**20]).name, common_unit([]).name
        ('MiB', 'B')
    """
    largest = max(map(abs, values), default=0)
    return next((ByteUnit(name, size) for name, size in _BINARY_UNITS if largest >= size), ByteUnit("B", 1))
