"""FP-Quant: 4-bit floating point behind a Hadamard transform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_BLOCKS: Final = {"mxfp4": 32, "nvfp4": 16}
_SIZES: Final = (16, 32, 64, 128)


@dataclass(frozen=True, kw_only=True)
class FPQuant(QuantizedFormat):
    """Two elements a byte, a byte a block, two 16-bit scales and two 16-bit Hadamard matrices a module.

    Attributes:
        dtype: `mxfp4` (blocks of 32) or `nvfp4` (of 16).
        hadamard_group_size: Rows and columns of the Hadamard matrices.
        has_master_weights: Whether the 16-bit weights are kept besides, or instead of what is only simulated.

    Example:
        4096 · 4096, nvfp4: elements 8,388,608, scales 1,048,576, two scales and two matrices 1,028.

        >>> FPQuant().memory_bytes(4096, 4096)
        9438212

    Source: `FPQuantLinear` of fp_quant 0.3.2, measured.
    """

    dtype: Literal["mxfp4", "nvfp4"] = "nvfp4"
    hadamard_group_size: int = 16
    has_master_weights: bool = False

    key: ClassVar[str] = "fp_quant"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"{self.dtype.upper()} (FP-Quant)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements with their scales, or the 16-bit weights; and what every module holds."""
        beside = (
            StoredTensor("weight_global_scale", "F16", 1),
            StoredTensor("act_global_scale", "F16", 1),
            StoredTensor("forward_hadamard_matrix", "F16", self.hadamard_group_size**2),
            StoredTensor("backward_hadamard_matrix", "F16", self.hadamard_group_size**2),
        )
        if self.has_master_weights:
            return StoredTensor("weight", "F16", rows * columns), *beside
        return (
            StoredTensor("qweight", "U8", rows * ceil_div(columns, 2)),
            StoredTensor("scales", "U8", rows * ceil_div(columns, _BLOCKS[self.dtype])),
            *beside,
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: fp_quant`.

    Raises:
        ConfigError: A word or a number that can't be. Source: `FPQuantConfig.post_init` of transformers 5.24.
    """
    dtype: Literal["mxfp4", "nvfp4"] = "nvfp4"
    if fields.choice("forward_dtype", "nvfp4", ("mxfp4", "nvfp4")) == "mxfp4":
        dtype = "mxfp4"
    sizes = _SIZES[1:] if dtype == "mxfp4" else _SIZES
    skip_modules = fields.names("modules_to_not_convert")
    return FPQuant(
        skip_modules=("lm_head",) if skip_modules is None else skip_modules,
        dtype=dtype,
        hadamard_group_size=fields.number("hadamard_group_size", _BLOCKS[dtype], choices=sizes),
        has_master_weights=fields.flag("store_master_weights", default=False)
        or fields.flag("pseudoquantization", default=False),
    )
