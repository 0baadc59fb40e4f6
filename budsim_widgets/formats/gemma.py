"""Google's own files of Gemma models with integers of 2, 4 or 8 bits, as transformers 5.24 reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.formats.base import Assigned, QuantizedFormat
from budsim_widgets.formats.module_names import REGEX
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_BITS: Final = (2, 4, 8)
_ORDER: Final = (
    "Of several expressions that name a module, the one that is found first in its name counts, and that isn't told "
    "here: an estimate."
)


@dataclass(frozen=True, kw_only=True)
class GemmaIntegers(QuantizedFormat):
    """Packed elements, an fp32 scale a row, and an fp32 scale each for inputs and outputs.

    Attributes:
        bits: 2, 4 or 8.

    Example:
        1024 · 1024, 4 bits: elements 524,288, scales 4,096, two more.

        >>> GemmaIntegers().memory_bytes(1024, 1024)
        528392

    Source: `QuantizedLinear` of transformers 5.24 (`integrations/gemma_quant.py`), measured.
    """

    bits: int = 4

    key: ClassVar[str] = "gemma"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})
    compared_roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"int{self.bits} (Gemma)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """Such as `int4`."""
        return (f"int{self.bits}",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements and the scales."""
        return (
            StoredTensor("weight", "U8", rows * ceil_div(columns * self.bits, BYTE_BITS)),
            StoredTensor("weight_scale", "F32", rows),
            StoredTensor("input_activation_scale", "F32", 1),
            StoredTensor("output_activation_scale", "F32", 1),
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: gemma`; `module_quant_configs` gives modules bits of their own, by expressions.

    Raises:
        ConfigError: Its bits can't be.
    """
    bits = fields.number("num_bits", 4, choices=_BITS)
    has_embedding = fields.flag("quantize_embeddings", default=False)
    own = fields.within("module_quant_configs")
    named = tuple(
        Assigned(
            (f"{REGEX}{'' if _starts_the_name(name) else '.*'}(?:{name.removeprefix('^')})",),
            GemmaIntegers(bits=own.within(name).number("num_bits", bits, choices=_BITS), has_embedding=has_embedding),
        )
        for name in own.values
    )
    is_ordered = len(named) < 2 or all(map(_starts_the_name, own.values))  # noqa: PLR2004 - two can meet
    return GemmaIntegers(
        skip_modules=fields.names("modules_to_not_convert"),
        bits=bits,
        assigned=named,
        has_embedding=has_embedding,
        doubts=() if is_ordered else (_ORDER,),
    )


def _starts_the_name(expression: str) -> bool:
    """Whether it is found at the start of a name alone, so that the order of the expressions decides."""
    return expression.startswith(("^", ".*"))
