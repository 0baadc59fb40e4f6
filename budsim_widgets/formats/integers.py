"""Integers of few bits: GPTQ, AWQ and compressed-tensors' packed form in groups; bytes with a scale a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.formats.base import Basis, LayerClass

_WORD_BITS = 32

_LABELS = {"gptq": "GPTQ", "awq": "AWQ", "compressed-tensors": "compressed-tensors"}


@dataclass(frozen=True, kw_only=True)
class GroupQuantized(QuantizedFormat):
    """Integers packed into 32-bit words; a 16-bit scale, and mostly a zero point, for each group of a row.

    Attributes:
        key: `gptq`, `awq` or `compressed-tensors`: whose layout it is.
        bits: Bits an element.
        group_size: Columns that share a scale; None: the whole row.
        has_zeros: Whether zero points are stored, packed like the elements.
        has_index: Whether every column's group is stored (GPTQ's `g_idx`, int32).
        has_shape: Whether the unpacked shape is stored (compressed-tensors' `weight_shape`, two int64).
        repeats_tied_head: Whether the file holds a head that is the embedding a second time, as AutoGPTQ writes it.

    Example:
        A projection of Llama-3.1-8B, 4096 · 4096, groups of 128: elements 8,388,608, scales 262,144, zeros 65,536;
        GPTQ's index 16,384.

        >>> GroupQuantized(key="awq").memory_bytes(4096, 4096)
        8716288
        >>> GroupQuantized(key="gptq", has_index=True).memory_bytes(4096, 4096)
        8732672

    Source: `QuantLinear` of GPTQModel (qweight, qzeros, scales, g_idx); `WQLinear_GEMM` of AutoAWQ; `pack-quantized`
    of compressed-tensors (weight_packed, weight_scale, weight_shape).
    """

    key: Literal["gptq", "awq", "compressed-tensors"] = "gptq"  # type: ignore[misc] # a field here, a constant elsewhere
    bits: int = 4
    group_size: int | None = 128
    has_zeros: bool = True
    has_index: bool = False
    has_shape: bool = False
    repeats_tied_head: bool = False

    basis: ClassVar[Basis] = "exact"
    file_error: ClassVar[float] = 0.001  # AutoGPTQ's files hold a bias of zeros for each matrix

    @property
    def label(self) -> str:
        """What people call the format."""
        groups = f"groups of {self.group_size}" if self.group_size else "a scale per row"
        return f"int{self.bits} ({_LABELS[self.key]}, {groups})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """Such as `gptq-int4` and `int4`."""
        return f"{self.key}-int{self.bits}", f"int{self.bits}"

    def converts(self, layer_class: LayerClass) -> bool:
        """GPTQ's and AWQ's libraries list what they quantize, Conv1D too; compressed-tensors goes by the class."""
        is_by_class = self.key == "compressed-tensors"
        return layer_class == "subclass" or is_by_class is (layer_class == "router")

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether groups fill the rows, without which AutoAWQ makes no layer; others have a short last group."""
        del rows
        return self.key != "awq" or self.group_size is None or columns % self.group_size == 0

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The packed elements, and what each group adds."""
        groups = ceil_div(columns, self.group_size) if self.group_size else 1
        found = [
            StoredTensor("qweight", "I32", ceil_div(columns * self.bits, _WORD_BITS) * rows),
            StoredTensor("scales", "F16", groups * rows),
        ]
        if self.has_zeros:
            found.append(StoredTensor("qzeros", "I32", ceil_div(rows * self.bits, _WORD_BITS) * groups))
        if self.has_index:
            found.append(StoredTensor("g_idx", "I32", columns))
        if self.has_shape:
            found.append(StoredTensor("weight_shape", "I64", 2))
        return tuple(found)

    def unpacked_tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The same as for every format; zero points become a byte each."""
        groups = ceil_div(columns, self.group_size) if self.group_size else 1
        found = super().unpacked_tensors(rows, columns)
        return tuple(
            StoredTensor("qzeros", "I8", groups * rows) if tensor.name == "qzeros" else tensor for tensor in found
        )


class StaticScales(NamedTuple):
    """What a file holds of the inputs and outputs of a matrix, whose ranges were measured in advance.

    Attributes:
        of_inputs: Whether there is a scale of the inputs, 16-bit.
        of_outputs: Whether there is one of the outputs.
        zeros_of_inputs: Whether there is a zero point, a byte, of the inputs.
        zeros_of_outputs: Whether there is one of the outputs.
    """

    of_inputs: bool = False
    of_outputs: bool = False
    zeros_of_inputs: bool = False
    zeros_of_outputs: bool = False

    def tensors(self) -> tuple[StoredTensor, ...]:
        """One number each.

        Example:
            >>> [tensor.name for tensor in StaticScales(of_inputs=True, zeros_of_inputs=True).tensors()]
            ['input_scale', 'input_zero_point']
        """
        names = (
            ("input_scale", "F16", self.of_inputs),
            ("output_scale", "F16", self.of_outputs),
            ("input_zero_point", "I8", self.zeros_of_inputs),
            ("output_zero_point", "I8", self.zeros_of_outputs),
        )
        return tuple(StoredTensor(name, dtype, 1) for name, dtype, is_held in names if is_held)


_DYNAMIC: Final = StaticScales()


@dataclass(frozen=True, kw_only=True)
class IntScaled(QuantizedFormat):
    """A byte an element, however few of its bits are used, and 16-bit scales: `int-quantized` of compressed-tensors.

    Attributes:
        bits: Bits that are used.
        per: A scale per row or per tensor, where there are no groups.
        group_size: Columns that share a scale; None: there are no groups.
        has_zeros: Whether a zero point, a byte, is stored with each scale.
        activations: The static scales of the inputs and outputs, and their zero points.

    Example:
        >>> IntScaled().memory_bytes(4096, 4096), IntScaled(bits=4, group_size=128).memory_bytes(4096, 4096)
        (16785408, 17039360)

    Source: `NaiveQuantizationCompressor` of compressed-tensors 0.20.
    """

    bits: int = 8
    per: Literal["row", "tensor"] = "row"
    group_size: int | None = None
    has_zeros: bool = False
    activations: StaticScales = _DYNAMIC

    key: ClassVar[str] = "int-quantized"
    basis: ClassVar[Basis] = "exact"

    @property
    def label(self) -> str:
        """What people call the format."""
        scales = f"groups of {self.group_size}" if self.group_size else f"a scale per {self.per}"
        return f"int{self.bits} ({scales})" if self.bits == BYTE_BITS else f"int{self.bits} in bytes ({scales})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`int8`."""
        return ("int8",) if self.bits == BYTE_BITS else ()

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """A byte an element, and the scales."""
        per_row = ceil_div(columns, self.group_size) if self.group_size else 1
        scales = 1 if self.per == "tensor" and not self.group_size else rows * per_row
        found = StoredTensor("weight", "I8", rows * columns), StoredTensor("weight_scale", "F16", scales)
        zeros = (StoredTensor("weight_zero_point", "I8", scales),) if self.has_zeros else ()
        return *found, *zeros, *self.activations.tensors()
