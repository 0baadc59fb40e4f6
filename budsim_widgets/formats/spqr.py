"""SpQR: three bits, scales that are quantized themselves, and single weights kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from budsim_widgets.formats.base import Basis, QuantizedFormat, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.fields import Fields

_TILE = 16


@dataclass(frozen=True, kw_only=True)
class SpQR(QuantizedFormat):
    """Tiles of 16 x 16 in sixteen 64-bit words, with scales and zeros; and 32 bits for each weight that is kept apart.

    How many are kept apart only the file knows; one in a hundred is counted.

    Example:
        4096 · 4096: tiles 8,388,608, weights kept apart 671,088, rows 16,388, order of the columns 16,384.

        >>> SpQR().memory_bytes(4096, 4096)
        9092468

    Source: `QuantizedLinear` of spqr_quant 0.2.
    """

    key: ClassVar[str] = "spqr"
    basis: ClassVar[Basis] = "estimate"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})
    ONE_IN: ClassVar[int] = 100

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int3 (SpQR)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is assumed."""
        return ("SpQR keeps single weights apart: one in a hundred is counted, so that the weights are an estimate.",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The tiles, what is kept apart, where rows begin, and the order of the columns."""
        tiles = ceil_div(rows, _TILE) * ceil_div(columns, _TILE)
        return (
            StoredTensor("dense_weights", "I64", _TILE * tiles),
            StoredTensor("col_vals", "I32", rows * columns // self.ONE_IN),
            StoredTensor("row_offsets", "I32", rows + 1),
            StoredTensor("in_perm", "I32", columns),
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: spqr`.

    Raises:
        ConfigError: A number that can't be. Source: `SpQRConfig.post_init` of transformers 5.24.
    """
    fields.number("bits", 3, choices=(3,))
    for name in ("beta1", "beta2"):
        fields.number(name, _TILE, choices=(_TILE,))
    return SpQR(skip_modules=fields.names("modules_to_not_convert"))
