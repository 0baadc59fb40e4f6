"""4-bit floating point in small blocks: MXFP4 and NVFP4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.formats.base import FP32_BYTES, QuantizedFormat, ceil_div
from budsim_widgets.formats.exceptions import listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures.parts import Role


@dataclass(frozen=True, kw_only=True)
class MXFP4(QuantizedFormat):
    """Two numbers a byte, and one exponent (e8m0, a byte) a block of 32; of the experts alone.

    Example:
        The gates and ups of one layer of gpt-oss-20b: 32 experts of 5760 · 2880, 90 blocks a row.

        >>> MXFP4().experts_bytes(32, 5760, 2880)
        282009600

    Source: `Mxfp4GptOssExperts` of transformers 5.23; OCP Microscaling Formats 1.0.
    """

    BLOCK: ClassVar[int] = 32
    roles: ClassVar[frozenset[Role]] = frozenset({"experts"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return "MXFP4 experts"

    def matrix_bytes(self, rows: int, columns: int) -> int:
        """Half a byte a number, a byte a block."""
        return rows * (ceil_div(columns, 2) + ceil_div(columns, self.BLOCK))


@dataclass(frozen=True, kw_only=True)
class NVFP4(QuantizedFormat):
    """Two numbers a byte, one fp8 scale a block of 16, one fp32 scale a tensor, and mostly one of its inputs.

    Example:
        >>> NVFP4().matrix_bytes(4096, 4096) - 4096 * 4096 // 2
        1048584

    Source: `nvfp4-pack-quantized` of compressed-tensors; the checkpoints of NVIDIA's Model Optimizer.
    """

    BLOCK: ClassVar[int] = 16

    @property
    def label(self) -> str:
        """What people call the format."""
        return "NVFP4"

    def matrix_bytes(self, rows: int, columns: int) -> int:
        """Half a byte a number, a byte a block, two scales a tensor."""
        return rows * (ceil_div(columns, 2) + ceil_div(columns, self.BLOCK)) + 2 * FP32_BYTES


def read_mxfp4(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: mxfp4`."""
    return MXFP4(keeps=listed_modules(config, "modules_to_not_convert"))
