"""Model Optimizer's integers: int8 by rows (SmoothQuant, weights alone) and int4 by groups (AWQ)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from budsim_widgets.formats.base import Assigned, QuantizedFormat
from budsim_widgets.formats.finegrained_fp8 import EXPERTS
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_GROUP: Final = 128
_NARROWEST: Final = 128
"""Rows of the narrowest matrix of a released model: one head of keys."""

_BYTE_BITS: Final = 8
_SCALE_BITS: Final = 16

_UNFUSED: Final = ("o_proj", "down_proj")
"""What follows no norm: scales of the inputs of others are multiplied into the norm before them."""


@dataclass(frozen=True, kw_only=True)
class ModelOptInteger(QuantizedFormat):
    """Integers and fp32 scales; what smooths the inputs may be held besides.

    Attributes:
        bits: 8: a byte an element, a scale a row. 4: two rows in one, a scale a group.
        group_size: Columns that share a scale, of 4 bits.
        has_input_scale: Whether the inputs are quantized: a scale a matrix.
        has_second_scale: Whether scales themselves are scaled (W4A8): a number a matrix.
        is_smoothed: Whether `pre_quant_scale` is held, a 16-bit number a column.
        is_open: Whether the config leaves that open.

    Example:
        4096 · 4096 of W8A16: elements 16,777,216, scales 16,384.

        >>> ModelOptInteger(bits=8).memory_bytes(4096, 4096)
        16793600

    Source: `export_hf_checkpoint` of Model Optimizer 0.47, whose files were compared for 6 small models of Llama,
    Qwen 2, Qwen 3 and Qwen 3 MoE (`to_quantized_weight`, `pack_int4_in_uint8`).
    """

    bits: Literal[4, 8]
    group_size: int = _GROUP
    has_input_scale: bool = False
    has_second_scale: bool = False
    is_smoothed: bool = False
    is_open: bool = False

    key: ClassVar[str] = "modelopt-int"
    basis: ClassVar[Basis] = "exact"
    compared_roles: ClassVar[frozenset[Role]] = frozenset({"linear", "experts"})

    @property
    def label(self) -> str:
        """What people call the format."""
        if self.bits == _BYTE_BITS:
            return "int8 (Model Optimizer)"
        return f"int4 (Model Optimizer, groups of {self.group_size})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    @property
    def file_error(self) -> float:
        """What a `pre_quant_scale` for each matrix would add, or what lacks where there is none: 2 bytes a column."""
        return _SCALE_BITS / (self.bits * _NARROWEST) if self.is_open else 0.0

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether rows fill their bytes, and columns their groups: the library refuses others."""
        return self.bits == _BYTE_BITS or (rows % 2 == 0 and columns % self.group_size == 0)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, their scales, and what belongs to the inputs."""
        if self.bits == _BYTE_BITS:
            held = [StoredTensor("weight", "I8", rows * columns), StoredTensor("weight_scale", "F32", rows)]
        else:
            packed = StoredTensor("weight", "U8", ceil_div(rows, 2) * columns)
            held = [packed, StoredTensor("weight_scale", "F32", rows * ceil_div(columns, self.group_size))]
        if self.has_second_scale:
            held.append(StoredTensor("weight_scale_2", "F32", 1))
        if self.has_input_scale:
            held.append(StoredTensor("input_scale", "F32", 1))
        if self.is_smoothed:
            held.append(StoredTensor("pre_quant_scale", "F16", columns))
        return tuple(held)


_OPEN: Final = (
    "Files of Model Optimizer's AWQ and SmoothQuant may hold a `pre_quant_scale` for each matrix, which the config "
    "doesn't say: an estimate."
)

ALGORITHMS: Final = ("W4A16_AWQ", "W4A8_AWQ", "W8A8_SQ_PER_CHANNEL", "W8A16")
"""What `quant_algo` calls them."""


def read(fields: Fields, algorithm: str) -> QuantizedFormat:
    """The format of one of `ALGORITHMS`.

    `W4A16_AWQ` and `W8A8_SQ_PER_CHANNEL` stand in configs of weights that were rounded without smoothing, too.

    Raises:
        ConfigError: The group size can't be.
    """
    if algorithm == "W8A16":
        return ModelOptInteger(bits=8)
    if algorithm == "W8A8_SQ_PER_CHANNEL":
        plain = ModelOptInteger(bits=8, has_input_scale=True, is_open=True, doubts=(_OPEN,))
        return replace(plain, is_smoothed=True, assigned=(Assigned(EXPERTS, plain),))
    is_static = algorithm == "W4A8_AWQ"
    plain = ModelOptInteger(
        bits=4,
        group_size=fields.group_size("group_size", _GROUP) or _GROUP,
        has_input_scale=is_static,
        has_second_scale=is_static,
        is_open=True,
        doubts=(_OPEN,),
    )
    return replace(plain, assigned=(Assigned(_UNFUSED, replace(plain, is_smoothed=True)),))
