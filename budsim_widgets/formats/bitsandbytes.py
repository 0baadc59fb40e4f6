"""bitsandbytes: LLM.int8() and 4-bit NormalFloat, made while a model is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.module_names import EVERYTHING
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div
from budsim_widgets.formats.versions import leaves_fused_experts
from budsim_widgets.intake.field_values import value_error

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis, LayerClass, OlderNames
    from budsim_widgets.formats.fields import Fields


_EXPERTS_NOTE = (
    "Experts are counted as quantized one by one, as quantized files hold them. When transformers 5 quantizes while it "
    "loads, bitsandbytes leaves its fused experts as they are: choose a file that is quantized already."
)


@dataclass(frozen=True, kw_only=True)
class Int8(QuantizedFormat):
    """LLM.int8(): one byte an element, and one fp32 scale (`SCB`) a row.

    Example:
        A projection of Llama-3.1-8B: 4096 · 4096 + 4096 · 4 bytes.

        >>> Int8().memory_bytes(4096, 4096)
        16793600

    Source: `Int8Params` of bitsandbytes 0.45 (`int8_vectorwise_quant`); `Bnb8bitQuantize` of transformers 5.23.
    """

    key: ClassVar[str] = "bitsandbytes-int8"
    basis: ClassVar[Basis] = "exact"
    file_error: ClassVar[float] = 0.001  # a byte a matrix that names its layout
    experts_note: ClassVar[str] = _EXPERTS_NOTE
    older_names: ClassVar[OlderNames] = "unknown"

    def converts(self, layer_class: LayerClass) -> bool:
        """Conv1D, and nn.Linear itself: `replace_with_bnb_linear`."""
        return layer_class != "subclass"

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int8 (bitsandbytes LLM.int8)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`int8`."""
        return ("int8",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """A byte an element, a scale a row."""
        return StoredTensor("weight", "I8", rows * columns), StoredTensor("SCB", "F32", rows)


@dataclass(frozen=True, kw_only=True)
class NF4(QuantizedFormat):
    """4-bit NormalFloat: two elements a byte, and one fp32 `absmax` a block of 64.

    With double quantization the `absmax` are bytes, with one fp32 a block of 256 of them, and an fp32 offset that the
    file holds as text. Every weight also carries its code of 16 fp32 values, and with double quantization one of 256.

    Attributes:
        is_double: Whether the scales are quantized too (`bnb_4bit_use_double_quant`).

    Example:
        A projection of Llama-3.1-8B: 4096 · 4096 / 2 + 4096 · 4096 / 64 · 4 + 16 · 4 bytes.

        >>> NF4().memory_bytes(4096, 4096), NF4(is_double=True).memory_bytes(4096, 4096)
        (9437248, 8655940)

    Source: `quantize_4bit` and `QuantState` of bitsandbytes 0.45.
    """

    is_double: bool = False

    key: ClassVar[str] = "nf4"
    basis: ClassVar[Basis] = "exact"
    file_error: ClassVar[float] = 0.001  # the state of each matrix as a text
    BLOCK: ClassVar[int] = 64
    SCALE_BLOCK: ClassVar[int] = 256
    experts_note: ClassVar[str] = _EXPERTS_NOTE
    older_names: ClassVar[OlderNames] = "unknown"

    def converts(self, layer_class: LayerClass) -> bool:
        """Conv1D, and nn.Linear itself: `replace_with_bnb_linear`."""
        return layer_class != "subclass"

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int4 (bitsandbytes NF4, double quantization)" if self.is_double else "int4 (bitsandbytes NF4)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`int4`."""
        return ("int4",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """Half a byte an element, its blocks' scales, and the code."""
        blocks = ceil_div(rows * columns, self.BLOCK)
        weight = StoredTensor("weight", "U8", ceil_div(rows * columns, 2))
        code = StoredTensor("quant_map", "F32", 16)
        if not self.is_double:
            return weight, StoredTensor("absmax", "F32", blocks), code
        return (
            weight,
            StoredTensor("absmax", "U8", blocks),
            code,
            StoredTensor("nested_absmax", "F32", ceil_div(blocks, self.SCALE_BLOCK)),
            StoredTensor("nested_quant_map", "F32", self.SCALE_BLOCK),
            StoredTensor("nested_offset", "F32", 1, in_file=False),
        )


@dataclass(frozen=True, kw_only=True)
class FP4(NF4):
    """4-bit floating point: laid out as NormalFloat is, with another code.

    Example:
        >>> FP4().memory_bytes(4096, 4096) == NF4().memory_bytes(4096, 4096)
        True
    """

    key: ClassVar[str] = "fp4"

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int4 (bitsandbytes FP4, double quantization)" if self.is_double else "int4 (bitsandbytes FP4)"


def read(fields: Fields) -> QuantizedFormat:
    """The format that a `quantization_config` of bitsandbytes describes.

    Raises:
        ConfigError: Not one of `load_in_4bit` and `load_in_8bit` is true, or both are. Source:
            `BitsAndBytesConfig.post_init` of transformers 5.24.
    """
    skip_modules = fields.names("llm_int8_skip_modules")
    in_4bit, in_8bit = fields.flag("load_in_4bit", default=False), fields.flag("load_in_8bit", default=False)
    if in_4bit == in_8bit:
        expected = "true where `load_in_8bit` is false, or false where it is true"
        raise value_error(fields.path("load_in_4bit"), in_4bit, expected)
    excluded: frozenset[Role] = frozenset({"experts"}) if leaves_fused_experts(fields) else frozenset()
    if fields.flag("llm_int8_has_fp16_weight", default=False) and in_8bit:  # rounded in each pass
        skip_modules = (EVERYTHING,)
    if in_8bit:
        return Int8(skip_modules=skip_modules, excluded_roles=excluded)
    form = FP4 if fields.choice("bnb_4bit_quant_type", "fp4", ("fp4", "nf4")) == "fp4" else NF4
    is_double = fields.flag("bnb_4bit_use_double_quant", default=False)
    return form(skip_modules=skip_modules, excluded_roles=excluded, is_double=is_double)
