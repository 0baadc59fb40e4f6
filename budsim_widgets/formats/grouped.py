"""Whole numbers in groups: GPTQ, AWQ and compressed-tensors' packed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from budsim_widgets.formats.base import BYTE_BITS, FP16_BYTES, QuantizedFormat, ceil_div
from budsim_widgets.formats.exceptions import listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD_BITS = 32
_WORD_BYTES = 4
_INDEX_BYTES = 4


@dataclass(frozen=True, kw_only=True)
class Grouped(QuantizedFormat):
    """Numbers of few bits packed into 32-bit words; a 16-bit scale, and mostly a zero, for each group of a row.

    Attributes:
        method: `GPTQ`, `AWQ` …, for people.
        bits: Bits a number.
        group_size: Columns that share a scale; None: the whole row.
        has_zeros: Whether the zeros are stored, packed like the numbers.
        has_index: Whether every column's group is stored (GPTQ's `g_idx`, int32).
        shape_bytes: Bytes that say the unpacked shape (compressed-tensors' `weight_shape`, two int64).

    Example:
        A projection of Llama-3.1-8B, 4096 · 4096, groups of 128: numbers 8,388,608, scales 262,144, zeros 65,536;
        GPTQ's index 16,384.

        >>> Grouped(method="AWQ").matrix_bytes(4096, 4096)
        8716288
        >>> Grouped(method="GPTQ", has_index=True).matrix_bytes(4096, 4096)
        8732672

    Source: `QuantLinear` of GPTQModel (qweight, qzeros, scales, g_idx); `WQLinear_GEMM` of AutoAWQ; `pack-quantized`
    of compressed-tensors (weight_packed, weight_scale, weight_shape).
    """

    method: str = "GPTQ"
    bits: int = 4
    group_size: int | None = 128
    has_zeros: bool = True
    has_index: bool = False
    shape_bytes: int = 0

    @property
    def label(self) -> str:
        """What people call the format."""
        groups = f"groups of {self.group_size}" if self.group_size else "a scale per row"
        return f"int{self.bits} ({self.method}, {groups})"

    def matrix_bytes(self, rows: int, columns: int) -> int:
        """The packed numbers, and what each group adds."""
        groups = ceil_div(columns, self.group_size) if self.group_size else 1
        numbers = ceil_div(columns * self.bits, _WORD_BITS) * _WORD_BYTES * rows
        zeros = ceil_div(rows * self.bits, _WORD_BITS) * _WORD_BYTES * groups if self.has_zeros else 0
        index_bytes = columns * _INDEX_BYTES if self.has_index else 0
        return numbers + groups * rows * FP16_BYTES + zeros + index_bytes + self.shape_bytes


@dataclass(frozen=True, kw_only=True)
class IntPerRow(QuantizedFormat):
    """A byte a number and one 16-bit scale a row: compressed-tensors' `int-quantized` (W8A8).

    Example:
        >>> IntPerRow().matrix_bytes(4096, 4096)
        16785408
    """

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int8 (a scale per row)"

    def matrix_bytes(self, rows: int, columns: int) -> int:
        """A byte a number, two a row."""
        return rows * columns + rows * FP16_BYTES


def read_gptq(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: gptq` (also written by AutoRound)."""
    return Grouped(
        keeps=_keeps(config),
        method="GPTQ",
        bits=_count(config.get("bits"), 4),
        group_size=_group_size(config.get("group_size", 128)),
        has_index=True,
    )


def read_awq(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: awq`, whose older files spell the fields `w_bit` and `q_group_size`."""
    return Grouped(
        keeps=_keeps(config),
        method="AWQ",
        bits=_count(config.get("bits", config.get("w_bit")), 4),
        group_size=_group_size(config.get("group_size", config.get("q_group_size", 128))),
        has_zeros=config.get("zero_point") is not False,
    )


def _keeps(config: Mapping[str, Any]) -> tuple[str, ...]:
    # Both methods quantize the layers alone, whatever else the list names.
    return ("lm_head", *(listed_modules(config, "modules_to_not_convert") or ()))


def _count(value: object, default: int) -> int:
    return value if type(value) is int and 0 < value <= BYTE_BITS * 2 else default


def _group_size(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None
