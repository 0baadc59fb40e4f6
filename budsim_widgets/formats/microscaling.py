"""4-bit floating point in small blocks: MXFP4 and NVFP4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.formats.base import QuantizedFormat, StoredTensor, ceil_div
from budsim_widgets.formats.skip_modules import listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures.parts import Role


@dataclass(frozen=True, kw_only=True)
class MXFP4(QuantizedFormat):
    """Two elements a byte, and one exponent (e8m0, a byte) a block of 32; of the experts alone.

    Example:
        The gates and ups of one expert of gpt-oss-20b: 5760 · 2880 elements, 90 blocks a row.

        >>> MXFP4().memory_bytes(5760, 2880)
        8812800

    Source: `Mxfp4GptOssExperts` of transformers 5.23; OCP Microscaling Formats 1.0.
    """

    key: ClassVar[str] = "mxfp4"
    BLOCK: ClassVar[int] = 32
    roles: ClassVar[frozenset[Role]] = frozenset({"experts"})

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

    Example:
        >>> NVFP4().memory_bytes(4096, 4096) - 4096 * 4096 // 2
        1048584

    Source: `nvfp4-pack-quantized` of compressed-tensors; the checkpoints of NVIDIA's Model Optimizer.
    """

    key: ClassVar[str] = "nvfp4"
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
        return (
            StoredTensor("weight_packed", "U8", rows * ceil_div(columns, 2)),
            StoredTensor("weight_scale", "F8", rows * ceil_div(columns, self.BLOCK)),
            StoredTensor("weight_global_scale", "F32", 1),
            StoredTensor("input_global_scale", "F32", 1),
        )


def read_mxfp4(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: mxfp4`."""
    return MXFP4(skip_modules=listed_modules(config, "modules_to_not_convert"))
