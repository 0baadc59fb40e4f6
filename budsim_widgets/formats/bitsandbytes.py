"""bitsandbytes: LLM.int8() and 4-bit NormalFloat, made while a model is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.formats.base import BYTE_BITS, FP32_BYTES, QuantizedFormat, ceil_div
from budsim_widgets.formats.exceptions import listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping


_EXPERTS_NOTE = (
    "Experts are counted as quantized one by one, as quantized files hold them. When transformers 5 quantizes while it "
    "loads, bitsandbytes leaves its fused experts as they are: choose a file that is quantized already."
)


@dataclass(frozen=True, kw_only=True)
class Int8(QuantizedFormat):
    """LLM.int8(): one byte a number, and one fp32 scale (`SCB`) a row.

    Example:
        A projection of Llama-3.1-8B: 4096 · 4096 + 4096 · 4 bytes.

        >>> Int8().matrix_bytes(4096, 4096)
        16793600

    Source: `Int8Params` of bitsandbytes 0.45 (`int8_vectorwise_quant`); `Bnb8bitQuantize` of transformers 5.23.
    """

    experts_note: ClassVar[str] = _EXPERTS_NOTE

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int8 (bitsandbytes LLM.int8)"

    def matrix_bytes(self, rows: int, columns: int) -> int:
        """A byte a number, four a row."""
        return rows * columns + rows * FP32_BYTES


@dataclass(frozen=True, kw_only=True)
class NF4(QuantizedFormat):
    """4-bit NormalFloat: two numbers a byte, and one fp32 `absmax` a block of 64.

    With double quantization the `absmax` are bytes, with one fp32 a block of 256 of them, and an fp32 offset.
    Every weight also carries its code of 16 fp32 values, and with double quantization one of 256.

    Attributes:
        is_double: Whether the scales are quantized too (`bnb_4bit_use_double_quant`).

    Example:
        A projection of Llama-3.1-8B: 4096 · 4096 / 2 + 4096 · 4096 / 64 · 4 + 16 · 4 bytes.

        >>> NF4().matrix_bytes(4096, 4096), NF4(is_double=True).matrix_bytes(4096, 4096)
        (9437248, 8655940)

    Source: `quantize_4bit` and `QuantState` of bitsandbytes 0.45.
    """

    is_double: bool = False

    BLOCK: ClassVar[int] = 64
    SCALE_BLOCK: ClassVar[int] = 256
    CODE_BYTES: ClassVar[int] = 16 * FP32_BYTES
    SCALE_CODE_BYTES: ClassVar[int] = 256 * FP32_BYTES
    experts_note: ClassVar[str] = _EXPERTS_NOTE

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int4 (bitsandbytes NF4, double quantization)" if self.is_double else "int4 (bitsandbytes NF4)"

    def matrix_bytes(self, rows: int, columns: int) -> int:
        """Half a byte a number, and its blocks' scales."""
        numbers = rows * columns
        blocks = ceil_div(numbers, self.BLOCK)
        packed = ceil_div(numbers * 4, BYTE_BITS) + self.CODE_BYTES
        if not self.is_double:
            return packed + blocks * FP32_BYTES
        offset_bytes = FP32_BYTES
        return packed + blocks + ceil_div(blocks, self.SCALE_BLOCK) * FP32_BYTES + self.SCALE_CODE_BYTES + offset_bytes


def read(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format that a `quantization_config` of bitsandbytes describes."""
    keeps = listed_modules(config, "llm_int8_skip_modules")
    if config.get("load_in_4bit"):
        return NF4(keeps=keeps, is_double=bool(config.get("bnb_4bit_use_double_quant")))
    return Int8(keeps=keeps)
