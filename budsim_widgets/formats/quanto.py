"""quanto (optimum-quanto): made while a model is loaded; transformers writes no files of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_WEIGHTS: Final = ("float8", "int8", "int4", "int2")
_GROUP: Final = 128
_SMALLEST_GROUP: Final = 32


@dataclass(frozen=True, kw_only=True)
class Quanto(QuantizedFormat):
    """Bytes with a 16-bit scale a row, or packed bits with a 16-bit scale and shift a group of 128.

    Each module also holds a 16-bit scale of its inputs and one of its outputs. Groups are halved until they divide a
    row, down to 32.

    Attributes:
        weights: `float8`, `int8`, `int4` or `int2`.

    Example:
        >>> Quanto().memory_bytes(768, 1024), Quanto(weights="int4").memory_bytes(768, 1024)
        (787972, 417796)

    Source: `QLinear` of optimum-quanto 0.2.7, measured.
    """

    weights: str = "int8"

    key: ClassVar[str] = "quanto"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"{self.weights} (quanto)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """Such as `int8`."""
        return ("fp8" if self.weights == "float8" else self.weights,)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, their scales and shifts, and the scales of inputs and outputs."""
        bits = int(self.weights[-1])
        beside = StoredTensor("input_scale", "F16", 1), StoredTensor("output_scale", "F16", 1)
        if bits == BYTE_BITS:
            dtype = "F8" if self.weights == "float8" else "I8"
            return StoredTensor("weight", dtype, rows * columns), StoredTensor("scale", "F16", rows), *beside
        group = _GROUP
        while columns % group and group > _SMALLEST_GROUP:
            group //= 2
        groups = ceil_div(rows * columns, group)
        return (
            StoredTensor("weight", "U8", ceil_div(rows * columns * bits, BYTE_BITS)),
            StoredTensor("scale", "F16", groups),
            StoredTensor("shift", "F16", groups),
            *beside,
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: quanto`.

    Raises:
        ConfigError: `weights` is none of its words. Source: `QuantoConfig.post_init` of transformers 5.24.
    """
    return Quanto(
        skip_modules=fields.names("modules_to_not_convert"), weights=fields.choice("weights", "int8", _WEIGHTS)
    )
