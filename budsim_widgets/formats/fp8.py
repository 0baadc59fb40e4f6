"""8-bit floating point: per block, per row or per tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from budsim_widgets.formats.base import FP32_BYTES, QuantizedFormat, ceil_div
from budsim_widgets.formats.exceptions import listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_BLOCK = (128, 128)
"""`FineGrainedFP8Config()` of transformers 5.23, and DeepSeek-V3's files."""


@dataclass(frozen=True, kw_only=True)
class BlockFP8(QuantizedFormat):
    """A byte a number, and one scale (`weight_scale_inv`) a block.

    Attributes:
        block: Rows and columns of a block.
        scale_bytes: 4 (fp32), or 1 where `scale_fmt` is `ue8m0`.

    Example:
        A gate of DeepSeek-V3's dense layers: 18432 · 7168 numbers, 144 · 56 blocks.

        >>> BlockFP8().matrix_bytes(18432, 7168)
        132152832

    Source: `FP8Linear` and `_alloc_expert_proj` of transformers 5.23.
    """

    block: tuple[int, int] = DEFAULT_BLOCK
    scale_bytes: int = FP32_BYTES

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"fp8 (blocks of {self.block[0]}x{self.block[1]})"

    def matrix_bytes(self, rows: int, columns: int) -> int:
        """A byte a number, and a scale a block."""
        blocks = ceil_div(rows, self.block[0]) * ceil_div(columns, self.block[1])
        return rows * columns + blocks * self.scale_bytes


@dataclass(frozen=True, kw_only=True)
class ScaledFP8(QuantizedFormat):
    """A byte a number, and one scale a tensor or a row.

    Attributes:
        per: `tensor` or `row`.
        scale_bytes: Width of a scale.
        has_input_scale: Whether the file also holds a static scale of the inputs (fp32, one a matrix).

    Example:
        >>> ScaledFP8(has_input_scale=True).matrix_bytes(4096, 4096) - 4096 * 4096
        8
        >>> ScaledFP8(per="row").matrix_bytes(4096, 4096) - 4096 * 4096
        16384

    Source: `FP8Linear` (without blocks) and `FbgemmFp8Linear` of transformers 5.23; `float-quantized` of
    compressed-tensors.
    """

    per: Literal["tensor", "row"] = "tensor"
    scale_bytes: int = FP32_BYTES
    has_input_scale: bool = False

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"fp8 (a scale per {self.per})"

    def matrix_bytes(self, rows: int, columns: int) -> int:
        """A byte a number, and the scales."""
        scales = rows if self.per == "row" else 1
        return rows * columns + scales * self.scale_bytes + FP32_BYTES * self.has_input_scale


def read(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format that a `quantization_config` with `quant_method: fp8` describes."""
    keeps = listed_modules(config, "modules_to_not_convert", "ignored_layers")
    block = config.get("weight_block_size")
    if block is not None and is_block(block):
        scale_bytes = 1 if config.get("scale_fmt") == "ue8m0" else FP32_BYTES
        return BlockFP8(keeps=keeps, block=(block[0], block[1]), scale_bytes=scale_bytes)
    return ScaledFP8(keeps=keeps, has_input_scale=config.get("activation_scheme") == "static")


def read_fbgemm(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: fbgemm_fp8`: one fp32 scale a row."""
    return ScaledFP8(keeps=listed_modules(config, "modules_to_not_convert"), per="row")


def is_block(block: object) -> bool:
    """Whether it is a list of two numbers: rows and columns."""
    return isinstance(block, list) and len(block) == 2 and all(type(n) is int and n > 0 for n in block)  # noqa: PLR2004
