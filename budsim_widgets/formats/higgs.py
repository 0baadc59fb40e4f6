"""HIGGS: vector quantization on the grid of a Hadamard transform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div
from budsim_widgets.intake.field_values import value_error

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_BITS: Final = (2, 3, 4)
_GROUPS: Final = (64, 128, 256)
_WORD_BITS: Final = 16


@dataclass(frozen=True, kw_only=True)
class HIGGS(QuantizedFormat):
    """Elements packed into 16-bit words, a 16-bit scale a group, and two 16-bit tables a matrix.

    Attributes:
        bits: Bits an element.
        group_size: Columns that share a scale.
        hadamard_size: Columns that are transformed together; a row is filled up to a multiple of it.

    Example:
        4096 · 4096, 4 bits, groups of 256: elements 8,388,608, scales 131,072, tables 32 and 1,024.

        >>> HIGGS().memory_bytes(4096, 4096)
        8520736

    Source: `HiggsLinear` of transformers 5.24, measured; flute 0.4.2 (`prepare_data`) makes scales and tables of the
    model's 16-bit format.
    """

    bits: int = 4
    group_size: int = 256
    hadamard_size: int = 512

    key: ClassVar[str] = "higgs"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"int{self.bits} (HIGGS, groups of {self.group_size})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """Such as `int4`."""
        return (f"int{self.bits}",)

    @property
    def file_error(self) -> float:
        """What fp32 scales and tables would add: `HiggsLinear` takes torch's default, which is the model's if loaded.

        The share is that of a matrix of one transform each way; larger ones have less. No released file was measured.
        """
        weight, *beside = self.tensors(self.hadamard_size, self.hadamard_size)
        wider = sum(tensor.num_bytes for tensor in beside)
        return wider / (weight.num_bytes + wider)

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether rows fill their words and columns their transforms: others don't fit `HiggsLinear`."""
        return rows * self.bits % _WORD_BITS == 0 and columns % self.hadamard_size == 0

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The packed elements, the scales and the tables."""
        return (
            StoredTensor("weight", "I16", rows * self.bits // _WORD_BITS * columns),
            StoredTensor("scales", "F16", rows * ceil_div(columns, self.group_size)),
            StoredTensor("tables", "F16", 2**self.bits),
            StoredTensor("tables2", "F16", 2 * 4**self.bits),
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: higgs`.

    Raises:
        ConfigError: A number that can't be. Source: `HiggsConfig.post_init` of transformers 5.24.
    """
    fields.number("p", 2, choices=(1, 2))
    group_size = fields.number("group_size", 256, choices=_GROUPS)
    hadamard_size = fields.number("hadamard_size", 512)
    if hadamard_size % group_size:
        raise value_error(fields.path("hadamard_size"), hadamard_size, f"a multiple of group_size, {group_size}")
    return HIGGS(
        skip_modules=fields.names("modules_to_not_convert"),
        bits=fields.number("bits", 4, choices=_BITS),
        group_size=group_size,
        hadamard_size=hadamard_size,
    )
