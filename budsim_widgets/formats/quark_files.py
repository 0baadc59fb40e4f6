"""What AMD's Quark writes for a matrix: fp8 and integers with their scales and zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.fp8 import ScaledFP8
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.formats.base import Basis

_NARROWEST: Final = 128
"""Rows or columns of the narrowest matrix of a released model: one head of keys."""

_WORD_BITS: Final = 32
_NOTE: Final = (
    "Quark's config doesn't say in which format its scales are held, which differs: 16 bits are counted, and the range "
    "holds 32."
)


@dataclass(frozen=True, kw_only=True)
class QuarkFP8(ScaledFP8):
    """fp8 whose scales have the format that they were computed in: the model's own in Quark 0.13, fp32 elsewhere."""

    scale_dtype: Literal["F32", "F16", "E8M0"] = "F16"
    input_scale_dtype: Literal["F32", "F16"] = "F16"

    key: ClassVar[str] = "quark-fp8"
    basis: ClassVar[Basis] = "estimate"

    @property
    def file_error(self) -> float:
        """Two bytes more a scale: of a row, or two of a matrix."""
        return 2 / _NARROWEST if self.per == "row" else 4 / _NARROWEST**2

    @property
    def notes(self) -> tuple[str, ...]:
        """What isn't known."""
        return (_NOTE,)


@dataclass(frozen=True, kw_only=True)
class QuarkInteger(QuantizedFormat):
    """Integers with a scale and a zero for each tensor, row or group; of four bits, eight are packed into a word.

    Attributes:
        bits: 4 or 8.
        per: What shares a scale.
        group_size: Columns that share a scale, of groups.
        has_input_scale: Whether the inputs are quantized with a scale and a zero that are held.

    Example:
        4096 · 4096, 4 bits, groups of 128: elements 8,388,608, scales 262,144, zeros 65,536.

        >>> QuarkInteger(bits=4, per="group", group_size=128).memory_bytes(4096, 4096)
        8716288

    Source: `export_safetensors` of Quark 0.13, whose files were compared for small models of Llama; zeros are held of
    symmetric integers, too.
    """

    bits: Literal[4, 8]
    per: Literal["tensor", "row", "group"]
    group_size: int = _NARROWEST
    has_input_scale: bool = False

    key: ClassVar[str] = "quark-int"
    basis: ClassVar[Basis] = "estimate"

    @property
    def label(self) -> str:
        """What people call the format."""
        groups = f"groups of {self.group_size}" if self.per == "group" else f"a scale per {self.per}"
        return f"int{self.bits} (Quark, {groups})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What isn't known."""
        return (_NOTE,)

    @property
    def file_error(self) -> float:
        """Two bytes more a scale, or no zeros."""
        shared = {"tensor": _NARROWEST**2, "row": _NARROWEST, "group": self.group_size}[self.per]
        return (2 + self.bits / BYTE_BITS) * BYTE_BITS / (shared * self.bits)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, the scales and the zeros."""
        scales = {"tensor": 1, "row": rows, "group": rows * ceil_div(columns, self.group_size)}[self.per]
        scale = "F32" if self.per == "tensor" else "F16"
        if self.bits == BYTE_BITS:
            dtype, held, zeros = "I8", rows * columns, scales
        else:
            a_word = _WORD_BITS // self.bits
            dtype, held, zeros = "I32", ceil_div(rows * columns, a_word), ceil_div(scales, a_word)
        found = (
            StoredTensor("weight", dtype, held),
            StoredTensor("weight_scale", scale, scales),
            StoredTensor("weight_zero_point", dtype, zeros),
        )
        inputs = (StoredTensor("input_scale", scale, 1), StoredTensor("input_zero_point", "I8", 1))
        return (*found, *inputs) if self.has_input_scale else found
