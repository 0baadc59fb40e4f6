"""BitNet: weights of -1, 0 and 1, four to a byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from budsim_widgets.formats.base import Basis, QuantizedFormat, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.fields import Fields

_IN_A_BYTE = 4
_UNPACKED_NOTE = (
    "Weights are counted packed, four to a byte, as the file holds them. transformers unpacks these layers to 16 bits "
    "while it loads them, eight times as much; engines with kernels for BitNet keep them packed."
)


@dataclass(frozen=True, kw_only=True)
class BitNet(QuantizedFormat):
    """Four elements a byte, and one 16-bit scale a matrix.

    Example:
        A projection of bitnet-b1.58-2B-4T: 2560 · 2560 / 4 + 2 bytes.

        >>> BitNet().memory_bytes(2560, 2560)
        1638402

    Source: `BitLinear` of transformers 5.24.
    """

    key: ClassVar[str] = "bitnet"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return "1.58 bits (BitNet)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements and the scale."""
        packed = StoredTensor("weight", "U8", ceil_div(rows, _IN_A_BYTE) * columns)
        return packed, StoredTensor("weight_scale", "F16", 1)


@dataclass(frozen=True, kw_only=True)
class UnpackedBitNet(BitNet):
    """The same file, for layers (`autobitlinear`) that transformers unpacks to 16 bits while it loads them.

    It is counted as the file holds it, which other engines keep; so it is an estimate, with a note.
    """

    basis: ClassVar[Basis] = "estimate"

    @property
    def notes(self) -> tuple[str, ...]:
        """What transformers makes of it."""
        return (_UNPACKED_NOTE,)


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: bitnet`.

    Raises:
        ConfigError: A word that isn't known. Source: `BitNetQuantConfig` of transformers 5.24.
    """
    linear_class = fields.choice("linear_class", "bitlinear", ("bitlinear", "autobitlinear"))
    fields.choice("quantization_mode", "offline", ("online", "offline"))
    form = UnpackedBitNet if linear_class == "autobitlinear" else BitNet
    return form(skip_modules=fields.names("modules_to_not_convert"))
