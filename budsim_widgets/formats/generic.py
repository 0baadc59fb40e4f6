"""A quantization that isn't described here: an estimate from the bits and the group size that its config names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.formats.base import Basis, QuantizedFormat
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor, ceil_div
from budsim_widgets.printable import quoted, shortened

if TYPE_CHECKING:
    from budsim_widgets.formats.fields import Fields

_BITS_FIELDS: Final = ("bits", "w_bit", "wbits", "nbits", "weight_bits", "num_bits", "w_bits")
_GROUP_FIELDS: Final = ("group_size", "q_group_size", "weight_group_size", "block_size")
_LISTS: Final = ("modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules", "exclude", "skip_modules")
_NAMED_BITS: Final = re.compile(r"(?:fp|int|nf|uint|float|w|q)_?(\d{1,2})", re.IGNORECASE)
_SCALE_BITS: Final = 16
_NARROWEST: Final = 128
"""Columns of the narrowest matrix of a released model: one head."""

_WHOLE_BYTES: Final = (8, 16)


@dataclass(frozen=True, kw_only=True)
class GenericQuantization(QuantizedFormat):
    """Elements of a few bits, and a 16-bit scale for each group.

    Attributes:
        method: The name that the config gives, shortened.
        bits: Bits an element, whole or not; None: the config names none, and four are assumed.
        group_size: Elements that share a scale.
        is_declared: Whether the config names the group size.
        has_scales: Whether scales come on top of the bits.
        reason: Why the number is an estimate, where that isn't simply its method.

    Example:
        >>> GenericQuantization(method="x", bits=4, group_size=128).memory_bytes(4096, 4096)
        8650752
    """

    method: str
    bits: float | None = None
    group_size: int | None = 64
    is_declared: bool = False
    has_scales: bool = True
    reason: str = ""

    key: ClassVar[str] = "generic"
    basis: ClassVar[Basis] = "estimate"
    ASSUMED_BITS: ClassVar[int] = 4

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"{self.bits or self.ASSUMED_BITS:g} bits ({self.method})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """That it is an estimate, and from what."""
        source = "as its config says" if self.bits else "assumed"
        bits = f"{self.bits or self.ASSUMED_BITS:g} bits ({source})"
        if not self.has_scales:
            scales = "scales included"
        elif self.group_size is None:
            scales = "a 16-bit scale for each row"
        else:
            scales = f"a 16-bit scale for each {self.group_size} elements"
        reason = self.reason or f"The quantization {quoted(self.method)} isn't described"
        return (f"{reason}: weights are estimated with {bits}, {scales}.",)

    @property
    def file_error(self) -> float:
        """What scales of 32 bits, or a zero beside each, would add; or what lacks where there are none."""
        if not self.has_scales:
            return 0.0
        bits = (self.bits or self.ASSUMED_BITS) * (self.group_size or _NARROWEST)
        return _SCALE_BITS / (bits + _SCALE_BITS)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements' bits as bytes, and a scale a group."""
        elements = rows * columns
        packed = -int(-elements * (self.bits or self.ASSUMED_BITS) // BYTE_BITS)
        groups = ceil_div(elements, self.group_size) if self.group_size else rows
        weight = StoredTensor("weight", "U8", packed)
        return (weight, StoredTensor("scales", "F16", groups)) if self.has_scales else (weight,)


def read(fields: Fields) -> GenericQuantization:
    """An estimate for any quantization.

    Raises:
        ConfigError: Its bits or its group size can't be.
    """
    method = named(fields)
    bits = fields.bits(*_BITS_FIELDS) or bits_of_name(method)
    group_field = next((name for name in _GROUP_FIELDS if name in fields), None)
    default = None if bits in _WHOLE_BYTES else 64
    return GenericQuantization(
        skip_modules=fields.names(*_LISTS),
        method=method,
        bits=bits,
        group_size=fields.group_size(group_field, None) if group_field else default,
        is_declared=group_field is not None,
    )


def named(fields: Fields) -> str:
    """What the config calls its quantization, short and printable."""
    return shortened(fields.method or fields.get("quant_algo") or "unnamed", 40)


def bits_of_name(name: str) -> int | None:
    """The bits that the name of a format says, or None.

    Example:
        >>> bits_of_name("W4A16_AWQ"), bits_of_name("fp8"), bits_of_name("hqq")
        (4, 8, None)
    """
    found = _NAMED_BITS.search(name)
    bits = int(found[1]) if found else 0
    return bits if 0 < bits <= 16 else None  # noqa: PLR2004 - more is no quantization
