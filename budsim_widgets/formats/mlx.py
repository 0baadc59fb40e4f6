"""MLX: files for Apple's processors, whose embedding and head are quantized too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from budsim_widgets.formats.base import Assigned, QuantizedFormat
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_BITS: Final = (2, 3, 4, 5, 6, 8)
_GROUPS: Final = (16, 32, 64, 128)
_WORD_BITS: Final = 32
_MODES: Final = ("affine", "mxfp4", "mxfp8", "nvfp4")
_FLOAT: Final = {"mxfp4": (4, 32), "mxfp8": (8, 32), "nvfp4": (4, 16)}
"""Bits and group size of the modes of floating point."""


@dataclass(frozen=True, kw_only=True)
class Affine(QuantizedFormat):
    """Integers packed into 32-bit words, and for each group of a row a 16-bit scale and a 16-bit bias.

    Attributes:
        bits: Bits an element.
        group_size: Elements of a row that share scale and bias.
        mode: `affine`, or a format of floating point, whose scale is a byte and which has no bias.

    Example:
        A projection of Qwen3-14B, 5120 · 5120, 4 bits, groups of 64: elements 13,107,200, scales and biases 1,638,400.

        >>> Affine().memory_bytes(5120, 5120)
        14745600

    Source: `quantize` of MLX 0.29; mlx-community/Qwen3-14B-4bit, whose index says 8,307,783,680 bytes in all.
    """

    bits: int = 4
    group_size: int = 64
    mode: Literal["affine", "mxfp4", "mxfp8", "nvfp4"] = "affine"

    key: ClassVar[str] = "mlx"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "experts", "head", "embedding"})
    compared_roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head", "embedding"})

    @property
    def label(self) -> str:
        """What people call the format."""
        kind = f"{self.bits} bits" if self.mode == "affine" else self.mode
        return f"{kind} (MLX, groups of {self.group_size})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """Such as `int4`."""
        return (f"int{self.bits}",) if self.mode == "affine" else ()

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The packed elements, and what each group adds; as they are where a row can't be cut into groups."""
        if columns % self.group_size:
            return (StoredTensor("weight", "F16", rows * columns),)
        groups = rows * columns // self.group_size
        weight = StoredTensor("weight", "I32", rows * ceil_div(columns * self.bits, _WORD_BITS))
        if self.mode != "affine":
            return weight, StoredTensor("scales", "U8", groups)
        return weight, StoredTensor("scales", "F16", groups), StoredTensor("biases", "F16", groups)


def read(fields: Fields) -> QuantizedFormat:
    """The format of an MLX file's `quantization`; modules named in it have settings of their own.

    Raises:
        ConfigError: Its bits or its group size can't be. Source: `quantize` of MLX.
    """
    form = _settings(fields, Affine())
    own = []
    for name, value in fields.values.items():
        if value is False:
            own.append(Assigned((name,), None))
        elif isinstance(value, dict) and not isinstance(value.get("quant_method"), str):
            own.append(Assigned((name,), _settings(fields.within(name), form)))
    return replace(form, skip_modules=(), assigned=tuple(own))


def _settings(fields: Fields, default: Affine) -> Affine:
    mode = fields.choice("mode", default.mode, _MODES)
    bits, group_size = _FLOAT.get(mode, (default.bits, default.group_size))
    return Affine(
        mode=mode,  # type: ignore[arg-type] # one of `_MODES`
        bits=fields.number("bits", bits, choices=_BITS),
        group_size=fields.number("group_size", group_size, choices=_GROUPS),
    )
