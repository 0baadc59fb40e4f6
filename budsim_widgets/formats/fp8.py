"""8-bit floating point: per block, per row or per tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import FP32_BYTES, STORED_BYTES, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.formats.base import Basis, LayerClass, OlderNames

DEFAULT_BLOCK = (128, 128)
"""`FineGrainedFP8Config()` of transformers 5.23, and DeepSeek-V3's files."""


@dataclass(frozen=True, kw_only=True)
class BlockFP8(QuantizedFormat):
    """A byte an element, and one scale (`weight_scale_inv`) a block.

    Attributes:
        block: Rows and columns of a block.
        scale_dtype: `F32`, `F16`, or `E8M0` where `scale_fmt` is `ue8m0`.
        has_input_scale: Whether the file also holds a static scale of the inputs, one a matrix.

    Example:
        A gate of DeepSeek-V3's dense layers: 18432 · 7168 elements, 144 · 56 blocks.

        >>> BlockFP8().memory_bytes(18432, 7168)
        132152832

    Source: `FP8Linear` and `_alloc_expert_proj` of transformers 5.23.
    """

    block: tuple[int, int] = DEFAULT_BLOCK
    scale_dtype: Literal["F32", "F16", "E8M0"] = "F32"
    has_input_scale: bool = False

    key: ClassVar[str] = "fp8"
    basis: ClassVar[Basis] = "exact"
    file_error: ClassVar[float] = 0.001  # Qwen's files hold their scales in 16 bits
    is_of_the_release: ClassVar[bool] = True
    older_names: ClassVar[OlderNames] = "renamed"

    def converts(self, layer_class: LayerClass) -> bool:
        """Those of nn.Linear itself: `replace_with_fp8_linear`."""
        return layer_class == "router"

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
        inputs = (StoredTensor("activation_scale", "F32", 1),) if self.has_input_scale else ()
        return (
            StoredTensor("weight", "F8", rows * columns),
            StoredTensor("weight_scale_inv", self.scale_dtype, blocks),
            *inputs,
        )

    def expert_bytes(self, rows: int, columns: int, number_fused: int) -> int:
        """Blocks and the scale of inputs are those of the parameter; gates and ups have a row of scales each at least.

        Example:
            Gates and ups of 192 rows each: three rows of blocks, where files hold two each.

            >>> BlockFP8().expert_bytes(192, 128, 2), 2 * BlockFP8().memory_bytes(192, 128)
            (49164, 49168)
        """
        if self.is_unpacked or self.is_dequantized:
            return super().expert_bytes(rows, columns, number_fused)
        height = max(ceil_div(number_fused * rows, self.block[0]), number_fused)
        blocks = height * ceil_div(columns, self.block[1])
        inputs = FP32_BYTES if self.has_input_scale else 0
        return number_fused * rows * columns + blocks * STORED_BYTES[self.scale_dtype] + inputs


@dataclass(frozen=True, kw_only=True)
class ScaledFP8(QuantizedFormat):
    """A byte an element, and one scale a tensor or a row.

    Attributes:
        per: `tensor` or `row`.
        scale_dtype: `F32`, `F16` or `E8M0`.
        has_input_scale: Whether the file also holds a static scale of the inputs, one a matrix.
        input_scale_dtype: `F32` or `F16`.

    Example:
        >>> ScaledFP8(has_input_scale=True).memory_bytes(4096, 4096) - 4096 * 4096
        8
        >>> ScaledFP8(per="row").memory_bytes(4096, 4096) - 4096 * 4096
        16384

    Source: `FP8Linear` (without blocks) and `FbgemmFp8Linear` of transformers 5.23; `float-quantized` of
    compressed-tensors.
    """

    per: Literal["tensor", "row"] = "tensor"
    scale_dtype: Literal["F32", "F16", "E8M0"] = "F32"
    has_input_scale: bool = False
    input_scale_dtype: Literal["F32", "F16"] = "F32"

    key: ClassVar[str] = "fp8"
    basis: ClassVar[Basis] = "exact"

    def converts(self, layer_class: LayerClass) -> bool:
        """Those of nn.Linear itself."""
        return layer_class == "router"

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
        return (*found, StoredTensor("input_scale", self.input_scale_dtype, 1)) if self.has_input_scale else found

    def expert_bytes(self, rows: int, columns: int, number_fused: int) -> int:
        """Inputs of gates and ups are the same, with one scale for both in memory; files hold it twice.

        Example:
            >>> ScaledFP8(has_input_scale=True).expert_bytes(64, 32, 2) - 2 * 64 * 32
            12
        """
        whole = super().expert_bytes(rows, columns, number_fused)
        if not self.has_input_scale or self.is_unpacked or self.is_dequantized:
            return whole
        return whole - (number_fused - 1) * STORED_BYTES[self.input_scale_dtype]


def is_block(block: object) -> bool:
    """Whether it is a list of two sizes: rows and columns."""
    return isinstance(block, list) and len(block) == 2 and all(type(n) is int and n > 0 for n in block)  # noqa: PLR2004
