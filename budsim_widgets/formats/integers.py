"""Integers of few bits: GPTQ, AWQ and compressed-tensors' packed form in groups; bytes with a scale a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from budsim_widgets.formats.base import BYTE_BITS, QuantizedFormat, StoredTensor, ceil_div
from budsim_widgets.formats.skip_modules import listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD_BITS = 32

_LABELS = {"gptq": "GPTQ", "awq": "AWQ", "compressed-tensors": "compressed-tensors"}


@dataclass(frozen=True, kw_only=True)
class GroupQuantized(QuantizedFormat):
    """Integers packed into 32-bit words; a 16-bit scale, and mostly a zero point, for each group of a row.

    Attributes:
        key: `gptq`, `awq` or `compressed-tensors`: whose layout it is.
        bits: Bits an element.
        group_size: Columns that share a scale; None: the whole row.
        has_zeros: Whether zero points are stored, packed like the elements.
        has_index: Whether every column's group is stored (GPTQ's `g_idx`, int32).
        has_shape: Whether the unpacked shape is stored (compressed-tensors' `weight_shape`, two int64).

    Example:
        A projection of Llama-3.1-8B, 4096 · 4096, groups of 128: elements 8,388,608, scales 262,144, zeros 65,536;
        GPTQ's index 16,384.

        >>> GroupQuantized(key="awq").memory_bytes(4096, 4096)
        8716288
        >>> GroupQuantized(key="gptq", has_index=True).memory_bytes(4096, 4096)
        8732672

    Source: `QuantLinear` of GPTQModel (qweight, qzeros, scales, g_idx); `WQLinear_GEMM` of AutoAWQ; `pack-quantized`
    of compressed-tensors (weight_packed, weight_scale, weight_shape).
    """

    key: Literal["gptq", "awq", "compressed-tensors"] = "gptq"  # type: ignore[misc] # a field here, a constant elsewhere
    bits: int = 4
    group_size: int | None = 128
    has_zeros: bool = True
    has_index: bool = False
    has_shape: bool = False

    @property
    def label(self) -> str:
        """What people call the format."""
        groups = f"groups of {self.group_size}" if self.group_size else "a scale per row"
        return f"int{self.bits} ({_LABELS[self.key]}, {groups})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """Such as `gptq-int4` and `int4`."""
        return f"{self.key}-int{self.bits}", f"int{self.bits}"

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The packed elements, and what each group adds."""
        groups = ceil_div(columns, self.group_size) if self.group_size else 1
        found = [
            StoredTensor("qweight", "I32", ceil_div(columns * self.bits, _WORD_BITS) * rows),
            StoredTensor("scales", "F16", groups * rows),
        ]
        if self.has_zeros:
            found.append(StoredTensor("qzeros", "I32", ceil_div(rows * self.bits, _WORD_BITS) * groups))
        if self.has_index:
            found.append(StoredTensor("g_idx", "I32", columns))
        if self.has_shape:
            found.append(StoredTensor("weight_shape", "I64", 2))
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class IntPerRow(QuantizedFormat):
    """A byte an element and one 16-bit scale a row: compressed-tensors' `int-quantized` (W8A8).

    Example:
        >>> IntPerRow().memory_bytes(4096, 4096)
        16785408
    """

    key: ClassVar[str] = "int-quantized"

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int8 (a scale per row)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`int8`."""
        return ("int8",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """A byte an element, a scale a row."""
        return StoredTensor("weight", "I8", rows * columns), StoredTensor("weight_scale", "F16", rows)


def read_gptq(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: gptq` (also written by AutoRound)."""
    return GroupQuantized(
        skip_modules=_skip_modules(config),
        key="gptq",
        bits=_count(config.get("bits"), 4),
        group_size=_group_size(config.get("group_size", 128)),
        has_index=True,
    )


def read_awq(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: awq`, whose older files spell the fields `w_bit` and `q_group_size`."""
    return GroupQuantized(
        skip_modules=_skip_modules(config),
        key="awq",
        bits=_count(config.get("bits", config.get("w_bit")), 4),
        group_size=_group_size(config.get("group_size", config.get("q_group_size", 128))),
        has_zeros=config.get("zero_point") is not False,
    )


def _skip_modules(config: Mapping[str, Any]) -> tuple[str, ...]:
    # Both methods quantize the layers alone, whatever else the list names.
    return ("lm_head", *(listed_modules(config, "modules_to_not_convert") or ()))


def _count(value: object, default: int) -> int:
    return value if type(value) is int and 0 < value <= BYTE_BITS * 2 else default


def _group_size(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None
