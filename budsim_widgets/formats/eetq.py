"""EETQ: bytes with a 16-bit scale a row, made while a model is loaded or read from its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import StoredTensor

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields


@dataclass(frozen=True, kw_only=True)
class EETQ(QuantizedFormat):
    """A byte an element, and one fp16 scale a row.

    Example:
        >>> EETQ().memory_bytes(4096, 4096)
        16785408

    Source: `EetqLinear` of transformers 5.24, measured.
    """

    key: ClassVar[str] = "eetq"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int8 (EETQ)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`int8`."""
        return ("int8",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """A byte an element, a scale a row."""
        return StoredTensor("weight", "I8", rows * columns), StoredTensor("weight_scales", "F16", rows)


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: eetq`.

    Raises:
        ConfigError: `weights` isn't `int8`. Source: `EetqConfig.post_init` of transformers 5.24.
    """
    fields.choice("weights", "int8", ("int8",))
    return EETQ(skip_modules=fields.names("modules_to_not_convert"))
