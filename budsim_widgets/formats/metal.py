"""Integers for Apple's processors, as transformers packs them (`quant_method: metal`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import StoredTensor

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_BITS: Final = (2, 4, 8)
_WORD_BITS: Final = 32


@dataclass(frozen=True, kw_only=True)
class Metal(QuantizedFormat):
    """Elements packed into 32-bit words, and an fp32 scale and bias for each group of a row.

    Attributes:
        bits: 2, 4 or 8.
        group_size: Columns that share scale and bias.

    Example:
        1024 · 1024: elements 524,288, scales and biases 65,536 each.

        >>> Metal().memory_bytes(1024, 1024)
        655360

    Source: `MetalLinear` of transformers 5.24, measured.
    """

    bits: int = 4
    group_size: int = 64

    key: ClassVar[str] = "metal"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"int{self.bits} (Metal, groups of {self.group_size})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """Such as `int4`."""
        return (f"int{self.bits}",)

    @property
    def notes(self) -> tuple[str, ...]:
        """Where it is kept so."""
        return (
            "transformers computes with these integers on Apple's processors; elsewhere it unpacks them to 16 bits.",
        )

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, and what each group adds."""
        groups = rows * (columns // self.group_size)
        return (
            StoredTensor("weight", "I32", rows * (columns // (_WORD_BITS // self.bits))),
            StoredTensor("scales", "F32", groups),
            StoredTensor("qbiases", "F32", groups),
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: metal`.

    Raises:
        ConfigError: Its bits or its group size can't be. Source: `MetalConfig.post_init` of transformers 5.24.
    """
    return Metal(
        skip_modules=fields.names("modules_to_not_convert"),
        bits=fields.number("bits", 4, choices=_BITS),
        group_size=fields.number("group_size", 64),
    )
