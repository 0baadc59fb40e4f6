"""A quantization that isn't described here: an estimate from the bits that its config names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.formats.base import BYTE_BITS, Basis, QuantizedFormat, StoredTensor, ceil_div
from budsim_widgets.formats.skip_modules import globs_as_regexes, listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

_BITS_FIELDS = ("bits", "w_bit", "nbits", "weight_bits", "num_bits")
_MOST_BITS = 16
_GLOBBING = "modelopt"
"""Model Optimizer lists modules as shell globs."""


@dataclass(frozen=True, kw_only=True)
class GenericQuantization(QuantizedFormat):
    """Elements of a few bits, and a 16-bit scale for each group of 64.

    Attributes:
        method: The name that the config gives, shortened.
        bits: Bits an element; None: the config names none, and four are assumed.
    """

    method: str
    bits: int | None = None

    key: ClassVar[str] = "generic"
    basis: ClassVar[Basis] = "estimate"
    GROUP: ClassVar[int] = 64
    ASSUMED_BITS: ClassVar[int] = 4

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"{self.bits or self.ASSUMED_BITS} bits ({self.method})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """That it is an estimate."""
        source = "as its config says" if self.bits else "assumed"
        bits = self.bits or self.ASSUMED_BITS
        note = (
            f"The quantization {self.method!r} isn't described: weights are estimated with {bits} bits ({source}) "
            f"and a 16-bit scale for each {self.GROUP} elements."
        )
        return (note,)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements' bits as bytes, and a scale a group."""
        elements = rows * columns
        packed = ceil_div(elements * (self.bits or self.ASSUMED_BITS), BYTE_BITS)
        return StoredTensor("weight", "U8", packed), StoredTensor("scales", "F16", ceil_div(elements, self.GROUP))


def read(config: Mapping[str, Any]) -> QuantizedFormat:
    """An estimate for any `quantization_config`."""
    bits = next((config[name] for name in _BITS_FIELDS if type(config.get(name)) is int), None)
    method = str(config.get("quant_method") or config.get("quant_algo") or "unnamed")[:40]
    listed = listed_modules(config, "modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules")
    return GenericQuantization(
        skip_modules=globs_as_regexes(listed) if method.startswith(_GLOBBING) else listed,
        method=method,
        bits=bits if bits and 0 < bits <= _MOST_BITS else None,
    )
