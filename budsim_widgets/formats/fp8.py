"""8-bit floating point: per block, per row or per tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from budsim_widgets.formats.base import QuantizedFormat, StoredTensor, ceil_div
from budsim_widgets.formats.skip_modules import listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_BLOCK = (128, 128)
"""`FineGrainedFP8Config()` of transformers 5.23, and DeepSeek-V3's files."""


@dataclass(frozen=True, kw_only=True)
class BlockFP8(QuantizedFormat):
    """A byte an element, and one scale (`weight_scale_inv`) a block.

    Attributes:
        block: Rows and columns of a block.
        scale_dtype: `F32`, `F16`, or `E8M0` where `scale_fmt` is `ue8m0`.

    Example:
        A gate of DeepSeek-V3's dense layers: 18432 · 7168 elements, 144 · 56 blocks.

        >>> BlockFP8().memory_bytes(18432, 7168)
        132152832

    Source: `FP8Linear` and `_alloc_expert_proj` of transformers 5.23.
    """

    block: tuple[int, int] = DEFAULT_BLOCK
    scale_dtype: Literal["F32", "F16", "E8M0"] = "F32"

    key: ClassVar[str] = "fp8"

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"fp8 (blocks of {self.block[0]}x{self.block[1]})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`fp8`."""
        return ("fp8",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """A byte an element, and a scale a block."""
        blocks = ceil_div(rows, self.block[0]) * ceil_div(columns, self.block[1])
        return (
            StoredTensor("weight", "F8", rows * columns),
            StoredTensor("weight_scale_inv", self.scale_dtype, blocks),
        )


@dataclass(frozen=True, kw_only=True)
class ScaledFP8(QuantizedFormat):
    """A byte an element, and one scale a tensor or a row.

    Attributes:
        per: `tensor` or `row`.
        scale_dtype: `F32` or `F16`.
        has_input_scale: Whether the file also holds a static scale of the inputs (fp32, one a matrix).

    Example:
        >>> ScaledFP8(has_input_scale=True).memory_bytes(4096, 4096) - 4096 * 4096
        8
        >>> ScaledFP8(per="row").memory_bytes(4096, 4096) - 4096 * 4096
        16384

    Source: `FP8Linear` (without blocks) and `FbgemmFp8Linear` of transformers 5.23; `float-quantized` of
    compressed-tensors.
    """

    per: Literal["tensor", "row"] = "tensor"
    scale_dtype: Literal["F32", "F16"] = "F32"
    has_input_scale: bool = False

    key: ClassVar[str] = "fp8"

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"fp8 (a scale per {self.per})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`fp8`."""
        return ("fp8",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """A byte an element, and the scales."""
        scales = rows if self.per == "row" else 1
        found = (
            StoredTensor("weight", "F8", rows * columns),
            StoredTensor("weight_scale", self.scale_dtype, scales),
        )
        return (*found, StoredTensor("input_scale", "F32", 1)) if self.has_input_scale else found


def read(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format that a `quantization_config` with `quant_method: fp8` describes."""
    skip_modules = listed_modules(config, "modules_to_not_convert", "ignored_layers")
    block = config.get("weight_block_size")
    if block is not None and is_block(block):
        scale_dtype: Literal["E8M0", "F32"] = "E8M0" if config.get("scale_fmt") == "ue8m0" else "F32"
        return BlockFP8(skip_modules=skip_modules, block=(block[0], block[1]), scale_dtype=scale_dtype)
    return ScaledFP8(skip_modules=skip_modules, has_input_scale=config.get("activation_scheme") == "static")


def read_fbgemm(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: fbgemm_fp8`: one fp32 scale a row."""
    return ScaledFP8(skip_modules=listed_modules(config, "modules_to_not_convert"), per="row")


def is_block(block: object) -> bool:
    """Whether it is a list of two sizes: rows and columns."""
    return isinstance(block, list) and len(block) == 2 and all(type(n) is int and n > 0 for n in block)  # noqa: PLR2004
