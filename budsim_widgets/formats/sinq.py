"""SINQ: Sinkhorn-normalized quantization, without data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_BITS: Final = (1, 2, 3, 4, 5, 6, 8)
_IN_A_WORD: Final = {3: 10, 5: 6, 6: 5}
"""Elements in a 32-bit word, of the bits that don't fill a byte."""
_TILE: Final = 32
_REPACKED: Final = "On a GPU, SINQ's kernels lay its weights out anew, which wasn't measured: memory is an estimate."


@dataclass(frozen=True, kw_only=True)
class SINQ(QuantizedFormat):
    """Packed elements; a byte each for the scale and the zero of a group; a second scale for each column, fp16.

    The scales are quantized too, 32 of them with an fp16 scale and an fp16 offset, the zeros with one of each in all.

    Attributes:
        bits: Bits an element.
        group_size: Elements that share scale and zero.
        tiling: `1d`: a second scale a column; `2d`: one for each column of every square of `group_size`.

    Example:
        96 · 256: elements 12,288, scales 384 + 48, zeros 384 + 4, second scales 512.

        >>> SINQ().memory_bytes(96, 256)
        13620

    Source: `SINQLinear.state_dict` of sinq 0.2.0, measured on the CPU with every number of bits.
    """

    bits: int = 4
    group_size: int = 64
    tiling: Literal["1d", "2d"] = "1d"

    key: ClassVar[str] = "sinq"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"int{self.bits} (SINQ, groups of {self.group_size})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """Such as `int4`."""
        return (f"int{self.bits}",)

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether rows fill their groups, and the groups the tiles of their scales."""
        return columns % self.group_size == 0 and rows * columns // self.group_size % _TILE == 0

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The packed elements, and what groups and columns add."""
        groups = ceil_div(rows * columns, self.group_size)
        tiles = ceil_div(groups, _TILE)
        return (
            self._packed(rows * columns, groups),
            StoredTensor("scale.x", "U8", groups),
            StoredTensor("scale.s", "F16", tiles),
            StoredTensor("scale.m", "F16", tiles),
            StoredTensor("zero.x", "U8", groups),
            StoredTensor("zero.s", "F16", 1),
            StoredTensor("zero.m", "F16", 1),
            StoredTensor("scale2", "F16", columns if self.tiling == "1d" else groups),
        )

    def _packed(self, elements: int, groups: int) -> StoredTensor:
        in_a_word = _IN_A_WORD.get(self.bits)
        if in_a_word is None:
            return StoredTensor("W_q", "U8", ceil_div(elements * self.bits, BYTE_BITS))
        return StoredTensor("W_q", "I32", ceil_div(groups, in_a_word) * self.group_size)


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: sinq`.

    Raises:
        ConfigError: A value that can't be. Source: `SinqConfig.post_init` of transformers 5.24; sinq 0.2.0.
    """
    fields.choice("method", "sinq", ("sinq", "asinq"))
    tiling: Literal["1d", "2d"] = "2d" if fields.choice("tiling_mode", "1d", ("1d", "2d")) == "2d" else "1d"
    return SINQ(
        skip_modules=fields.names("modules_to_not_convert"),
        bits=fields.number("nbits", 4, choices=_BITS),
        group_size=fields.number("group_size", 64),
        tiling=tiling,
        doubts=(_REPACKED,),
    )
