"""4-bit floating point in small blocks: MXFP4 and NVFP4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields


@dataclass(frozen=True, kw_only=True)
class MXFP4(QuantizedFormat):
    """Two elements a byte, and one exponent (e8m0, a byte) a block of 32; of the experts alone.

    Example:
        The gates and ups of one expert of gpt-oss-20b: 5760 · 2880 elements, 90 blocks a row.

        >>> MXFP4().memory_bytes(5760, 2880)
        8812800

    Source: `Mxfp4GptOssExperts` of transformers 5.24, whose biases are fp32; OCP Microscaling Formats 1.0.
    """

    key: ClassVar[str] = "mxfp4"
    basis: ClassVar[Basis] = "exact"
    BLOCK: ClassVar[int] = 32
    roles: ClassVar[frozenset[Role]] = frozenset({"experts"})
    only_for: ClassVar[frozenset[str]] = frozenset({"gpt_oss"})
    has_fp32_biases: ClassVar[bool] = True

    @property
    def label(self) -> str:
        """What people call the format."""
        return "MXFP4 experts"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`mxfp4`."""
        return ("mxfp4",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """Half a byte an element, a byte a block."""
        return (
            StoredTensor("blocks", "U8", rows * ceil_div(columns, 2)),
            StoredTensor("scales", "E8M0", rows * ceil_div(columns, self.BLOCK)),
        )


@dataclass(frozen=True, kw_only=True)
class NVFP4(QuantizedFormat):
    """Two elements a byte, one fp8 scale a block of 16, one fp32 scale a tensor, and mostly one of its inputs.

    Attributes:
        has_input_scale: Whether a scale of the inputs is stored: not where weights alone are quantized.

    Example:
        >>> NVFP4().memory_bytes(4096, 4096) - 4096 * 4096 // 2
        1048584

    Source: `nvfp4-pack-quantized` of compressed-tensors; the checkpoints of NVIDIA's Model Optimizer.
    """

    has_input_scale: bool = True

    key: ClassVar[str] = "nvfp4"
    basis: ClassVar[Basis] = "exact"
    BLOCK: ClassVar[int] = 16

    @property
    def label(self) -> str:
        """What people call the format."""
        return "NVFP4"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`nvfp4`."""
        return ("nvfp4",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """Half a byte an element, a byte a block, two scales a tensor."""
        found = (
            StoredTensor("weight_packed", "U8", rows * ceil_div(columns, 2)),
            StoredTensor("weight_scale", "F8", rows * ceil_div(columns, self.BLOCK)),
            StoredTensor("weight_global_scale", "F32", 1),
        )
        return (*found, StoredTensor("input_global_scale", "F32", 1)) if self.has_input_scale else found


@dataclass(frozen=True, kw_only=True)
class Microscaled(QuantizedFormat):
    """Linear layers in OCP's microscaling formats: an exponent (e8m0, a byte) for each 32 elements of a row.

    Attributes:
        bits: 4 (two elements a byte), 6 (four in three bytes) or 8.

    Example:
        A projection of Llama-3.1-8B: 4096 · 4096 / 2 + 4096 · 128 bytes, and 4096 · 4096 + 4096 · 128.

        >>> Microscaled(bits=4).memory_bytes(4096, 4096), Microscaled(bits=8).memory_bytes(4096, 4096)
        (8912896, 17301504)

    Source: `mxfp4-pack-quantized` and `mxfp8-quantized` of compressed-tensors 0.20; OCP Microscaling Formats 1.0.
    """

    bits: Literal[4, 6, 8] = 4

    key: ClassVar[str] = "microscaled"
    basis: ClassVar[Basis] = "exact"
    BLOCK: ClassVar[int] = 32

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"MXFP{self.bits}"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: `mxfp4` means experts alone."""
        return ()

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, and a byte a block."""
        weight = (
            StoredTensor("weight", "F8", rows * columns)
            if self.bits == BYTE_BITS
            else StoredTensor("weight_packed", "U8", rows * ceil_div(columns * self.bits, BYTE_BITS))
        )
        return weight, StoredTensor("weight_scale", "U8", rows * ceil_div(columns, self.BLOCK))


def read_mxfp4(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: mxfp4`."""
    return MXFP4(skip_modules=fields.names("modules_to_not_convert"))
