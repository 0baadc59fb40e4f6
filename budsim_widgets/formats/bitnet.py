"""BitNet: weights of -1, 0 and 1, four to a byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_IN_A_BYTE = 4


@dataclass(frozen=True, kw_only=True)
class BitNet(QuantizedFormat):
    """Four elements a byte, and one 16-bit scale a matrix.

    Attributes:
        has_norm: Whether every layer has a norm of its inputs (`use_rms_norm`), 16-bit.

    Example:
        A projection of bitnet-b1.58-2B-4T: 2560 · 2560 / 4 + 2 bytes.

        >>> BitNet().memory_bytes(2560, 2560)
        1638402

    Source: `BitLinear` of transformers 5.24, measured.
    """

    has_norm: bool = False

    key: ClassVar[str] = "bitnet"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return "1.58 bits (BitNet)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether the rows fill their bytes."""
        del columns
        return rows % _IN_A_BYTE == 0

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements and the scale."""
        packed = StoredTensor("weight", "U8", ceil_div(rows, _IN_A_BYTE) * columns)
        return packed, StoredTensor("weight_scale", "F16", 1), *self._norm(columns)

    def _norm(self, columns: int) -> tuple[StoredTensor, ...]:
        return (StoredTensor("rms_norm.weight", "F16", columns),) if self.has_norm else ()


@dataclass(frozen=True, kw_only=True)
class AutoBitNet(BitNet):
    """The same file, for layers (`autobitlinear`) that transformers unpacks to 16 bits while it loads them."""

    key: ClassVar[str] = "autobitlinear"


@dataclass(frozen=True, kw_only=True)
class OnlineBitNet(BitNet):
    """16-bit weights, which are rounded to -1, 0 and 1 in every forward pass.

    Example:
        >>> OnlineBitNet().memory_bytes(2560, 2560)
        13107200

    Source: `AutoBitLinear` of transformers 5.24 (`online_quant`), measured.
    """

    key: ClassVar[str] = "bitnet-online"

    def is_regular(self, rows: int, columns: int) -> bool:
        """Always: nothing is packed."""
        del rows, columns
        return True

    @property
    def label(self) -> str:
        """What people call the format."""
        return "16 bits (BitNet, rounded in each pass)"

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements."""
        return StoredTensor("weight", "F16", rows * columns), *self._norm(columns)


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: bitnet`.

    Raises:
        ConfigError: A word that isn't known. Source: `BitNetQuantConfig` of transformers 5.24.
    """
    linear_class = fields.choice("linear_class", "bitlinear", ("bitlinear", "autobitlinear"))
    mode = fields.choice("quantization_mode", "offline", ("online", "offline"))
    form: type[BitNet] = BitNet
    if linear_class == "autobitlinear":
        form = OnlineBitNet if mode == "online" else AutoBitNet
    return form(
        skip_modules=fields.names("modules_to_not_convert"), has_norm=fields.flag("use_rms_norm", default=False)
    )
