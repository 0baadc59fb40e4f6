"""AQLM: additive quantization with learned codebooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields


@dataclass(frozen=True, kw_only=True)
class AQLM(QuantizedFormat):
    """Codes of whole bytes for groups of elements, the codebooks, and a 16-bit scale for each group of rows.

    Attributes:
        in_group_size: Columns of a group.
        out_group_size: Rows of a group.
        num_codebooks: Codes for each group.
        nbits_per_codebook: Bits of a code.

    Example:
        4096 · 4096, one code of 16 bits for 8 elements: codes 4,194,304, codebook 1,048,576, scales 8,192.

        >>> AQLM().memory_bytes(4096, 4096)
        5251072

    Source: `QuantizedLinear` of aqlm 1.1.7, measured.
    """

    in_group_size: int = 8
    out_group_size: int = 1
    num_codebooks: int = 1
    nbits_per_codebook: int = 16

    key: ClassVar[str] = "aqlm"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})
    leaves_fp32_modules: ClassVar[bool] = False

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"AQLM ({self.num_codebooks}x{self.nbits_per_codebook}, groups of {self.in_group_size})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether groups fill rows and columns: aqlm refuses others."""
        return rows % self.out_group_size == 0 and columns % self.in_group_size == 0

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """Codes, codebooks and scales."""
        out_groups, in_groups = ceil_div(rows, self.out_group_size), ceil_div(columns, self.in_group_size)
        entries = 2**self.nbits_per_codebook * self.out_group_size * self.in_group_size
        dtype = "I8" if self.nbits_per_codebook <= BYTE_BITS else "I16"
        return (
            StoredTensor("codes", dtype, out_groups * in_groups * self.num_codebooks),
            StoredTensor("codebooks", "F16", self.num_codebooks * entries),
            StoredTensor("scales", "F16", out_groups),
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: aqlm`.

    Raises:
        ConfigError: One of its numbers can't be. Source: `AqlmConfig.post_init` of transformers 5.24.
    """
    names = fields.names("linear_weights_not_to_quantize", "modules_to_not_convert") or ()
    return AQLM(
        skip_modules=tuple(name.removesuffix(".weight") for name in names),
        in_group_size=fields.number("in_group_size", 8),
        out_group_size=fields.number("out_group_size", 1),
        num_codebooks=fields.number("num_codebooks", 1),
        nbits_per_codebook=fields.number("nbits_per_codebook", 16, choices=range(1, 17)),
    )
