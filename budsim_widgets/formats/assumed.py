"""A quantization that isn't described here: an estimate from the bits that its config names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.formats.base import BYTE_BITS, FP16_BYTES, Basis, QuantizedFormat, ceil_div
from budsim_widgets.formats.exceptions import listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

_BITS_FIELDS = ("bits", "w_bit", "nbits", "weight_bits", "num_bits")
_MOST_BITS = 16


@dataclass(frozen=True, kw_only=True)
class Assumed(QuantizedFormat):
    """Numbers of a few bits, and a 16-bit scale for each group of 64.

    Attributes:
        method: The name that the config gives, shortened.
        bits: Bits a number; None: the config names none, and four are assumed.
    """

    method: str
    bits: int | None = None

    basis: ClassVar[Basis] = "estimate"
    GROUP: ClassVar[int] = 64
    ASSUMED_BITS: ClassVar[int] = 4

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"{self.bits or self.ASSUMED_BITS} bits ({self.method})"

    @property
    def notes(self) -> tuple[str, ...]:
        """That it is an estimate."""
        source = "as its config says" if self.bits else "assumed"
        bits = self.bits or self.ASSUMED_BITS
        note = (
            f"The quantization {self.method!r} isn't described: weights are estimated with {bits} bits ({source}) "
            f"and a 16-bit scale for each {self.GROUP} numbers."
        )
        return (note,)

    def matrix_bytes(self, rows: int, columns: int) -> int:
        """The numbers' bits, and a scale a group."""
        numbers = rows * columns
        return (
            ceil_div(numbers * (self.bits or self.ASSUMED_BITS), BYTE_BITS) + ceil_div(numbers, self.GROUP) * FP16_BYTES
        )


def read(config: Mapping[str, Any]) -> QuantizedFormat:
    """An estimate for any `quantization_config`."""
    bits = next((config[name] for name in _BITS_FIELDS if type(config.get(name)) is int), None)
    return Assumed(
        keeps=listed_modules(config, "modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules"),
        method=str(config.get("quant_method") or config.get("quant_algo") or "unnamed")[:40],
        bits=bits if bits and 0 < bits <= _MOST_BITS else None,
    )
