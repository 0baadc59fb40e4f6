"""BitNet: weights of -1, 0 and 1, four to a byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from budsim_widgets.formats.base import QuantizedFormat, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.fields import Fields

_IN_A_BYTE = 4
_UNPACKED_NOTE = (
    "transformers unpacks this file's weights of two bits to 16 bits while it loads them (`autobitlinear`); other "
    "engines keep them packed."
)


@dataclass(frozen=True, kw_only=True)
class BitNet(QuantizedFormat):
    """Four elements a byte, and one 16-bit scale a matrix.

    Attributes:
        is_unpacked: Whether memory holds the elements in 16 bits, as `autobitlinear` does: it unpacks them while it
            reads the file.
        is_packed_in_file: Whether the file holds them packed; with `online` they are quantized at every step.

    Example:
        A projection of bitnet-b1.58-2B-4T: 2560 · 2560 / 4 + 2 bytes.

        >>> BitNet().memory_bytes(2560, 2560)
        1638402

    Source: `BitLinear` and `AutoBitLinear` of transformers 5.24.
    """

    is_unpacked: bool = False
    is_packed_in_file: bool = True

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

    @property
    def notes(self) -> tuple[str, ...]:
        """What memory holds of it."""
        if not self.is_unpacked:
            return ()
        return (_UNPACKED_NOTE,)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, packed in the file, in memory or in both, and the scale."""
        packed = StoredTensor("weight", "U8", ceil_div(rows, _IN_A_BYTE) * columns, in_memory=not self.is_unpacked)
        unpacked = StoredTensor("weight_unpacked", "F16", rows * columns, in_file=not self.is_packed_in_file)
        scale = StoredTensor("weight_scale", "F16", 1)
        if not self.is_packed_in_file:
            return (unpacked,)
        return (packed, unpacked, scale) if self.is_unpacked else (packed, scale)


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: bitnet`.

    Raises:
        ConfigError: A word that isn't known. Source: `BitNetQuantConfig` of transformers 5.24.
    """
    linear_class = fields.choice("linear_class", "bitlinear", ("bitlinear", "autobitlinear"))
    mode = fields.choice("quantization_mode", "offline", ("online", "offline"))
    is_unpacked = linear_class == "autobitlinear"
    return BitNet(
        skip_modules=fields.names("modules_to_not_convert"),
        is_unpacked=is_unpacked,
        is_packed_in_file=not (is_unpacked and mode == "online"),
    )
