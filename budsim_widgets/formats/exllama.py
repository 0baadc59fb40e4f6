"""ExLlama's own formats: bits an element that are no whole number, since layers differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.formats.base import Assigned, Basis, QuantizedFormat
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor

if TYPE_CHECKING:
    from budsim_widgets.formats.fields import Fields

_ASSUMED_BITS: Final = 4.0
_HEAD_BITS: Final = 6.0
_VECTOR_BITS: Final = 16
_NARROW: Final = 512


@dataclass(frozen=True, kw_only=True)
class ExLlama(QuantizedFormat):
    """The bits of an element on average, scales included.

    Attributes:
        version: `exl2` or `exl3`.
        bits: Bits an element, as the config names them.

    Example:
        >>> ExLlama(version="exl2", bits=4.65).memory_bytes(4096, 4096)
        9751757

    Source: `bits` is an average over the linear layers, in which scales count: README of exllamav2 and exllamav3;
    `allocation.py` of exllamav3 1.6 spends the bits on the elements (`trellis`) alone.
    """

    version: str
    bits: float

    key: ClassVar[str] = "exllama"
    basis: ClassVar[Basis] = "estimate"

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"{self.bits:g} bits ({self.version})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """That it is an estimate."""
        return (f"Layers of {self.version} have bits of their own: an estimate from the average, {self.bits:g}.",)

    @property
    def file_error(self) -> float:
        """Two 16-bit vectors of a matrix, which exl3's average leaves out (`suh`, `svh`).

        That is of matrices with 512 rows and columns, four heads of keys; larger ones have less.
        """
        return 2 * _VECTOR_BITS / (self.bits * _NARROW)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The average."""
        return (StoredTensor("weight", "U8", -int(-rows * columns * self.bits // BYTE_BITS)),)


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: exl2` or `exl3`, whose head has bits of its own (`head_bits`).

    Raises:
        ConfigError: Its bits can't be.
    """
    bits = fields.bits("bits") or _ASSUMED_BITS
    head_bits = fields.bits("head_bits", "lm_head_bits") or _HEAD_BITS
    version = fields.method
    return ExLlama(
        skip_modules=(),
        version=version,
        bits=bits,
        assigned=(Assigned(("lm_head",), ExLlama(version=version, bits=head_bits)),),
    )
