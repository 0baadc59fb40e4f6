"""fp8 as transformers and vLLM make it, and DeepSeek's files of it: its configs, and the experts of four bits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from budsim_widgets.formats.base import Assigned, QuantizedFormat
from budsim_widgets.formats.fp8 import DEFAULT_BLOCK, BlockFP8, ScaledFP8, is_block
from budsim_widgets.formats.stored_tensor import FP32_BYTES, StoredTensor, ceil_div
from budsim_widgets.intake.field_values import value_error

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis, LayerClass
    from budsim_widgets.formats.fields import Fields

_EMBEDDINGS: Final = (
    "The config names embeddings that are quantized besides (modules_to_convert), which aren't distinguished here: an "
    "estimate."
)

EXPERTS: Final = (".experts", r"re:.*\.experts\.")
"""Routed experts, under the name that transformers gives them: one module for all, or one each."""


@dataclass(frozen=True, kw_only=True)
class ExpertsFP4(QuantizedFormat):
    """Experts of DeepSeek-V4's files: two elements a byte, and a scale for each 32 of a row.

    Attributes:
        scale_dtype: `F32`, or `E8M0` where `scale_fmt` is `ue8m0`.
        has_input_scale: Whether a static scale of the inputs is held besides.

    Example:
        Gates and ups of one expert of DeepSeek-V4-Flash, 4096 · 4096: elements 8,388,608, scales 524,288.

        >>> ExpertsFP4().memory_bytes(4096, 4096)
        8912896

    Source: `FP8Experts` of transformers 5.24 (`expert_dtype="fp4"`).
    """

    scale_dtype: Literal["F32", "E8M0"] = "E8M0"
    has_input_scale: bool = False

    key: ClassVar[str] = "fp4-experts"
    basis: ClassVar[Basis] = "exact"
    BLOCK: ClassVar[int] = 32

    @property
    def label(self) -> str:
        """What people call the format."""
        return "fp4 experts"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """Half a byte an element, a scale a block."""
        found = (
            StoredTensor("weight", "I8", rows * (columns // 2)),
            StoredTensor("weight_scale_inv", self.scale_dtype, rows * ceil_div(columns, self.BLOCK)),
        )
        return (*found, StoredTensor("activation_scale", "F32", 1)) if self.has_input_scale else found

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether elements come in pairs."""
        del rows
        return columns % 2 == 0

    def expert_bytes(self, rows: int, columns: int, number_fused: int) -> int:
        """One scale of the inputs for the whole parameter."""
        inputs = (number_fused - 1) * FP32_BYTES if self.has_input_scale and not self.is_dequantized else 0
        return super().expert_bytes(rows, columns, number_fused) - inputs


def read(fields: Fields) -> QuantizedFormat:
    """The format that a `quantization_config` with `quant_method: fp8` describes.

    Raises:
        ConfigError: A value that `FineGrainedFP8Config.post_init` of transformers 5.24 refuses.
    """
    is_static = fields.choice("activation_scheme", "dynamic", ("dynamic", "static")) == "static"
    is_e8m0 = fields.choice("scale_fmt", "float", ("float", "ue8m0")) == "ue8m0"
    scale_dtype: Literal["E8M0", "F32"] = "E8M0" if is_e8m0 else "F32"
    common: dict[str, Any] = {
        "is_dequantized": fields.flag("dequantize", default=False),
        "has_input_scale": is_static,
    }
    assigned: tuple[Assigned, ...] = ()
    if fields.choice("expert_dtype", "fp8", ("fp8", "fp4")) == "fp4":
        assigned = (Assigned(EXPERTS, ExpertsFP4(scale_dtype=scale_dtype, **common)),)
    block = _block(fields)
    if block is None:
        form: QuantizedFormat = ScaledFP8(**common)
        if is_e8m0 and not assigned:  # of linear layers, the scale of a whole tensor stays fp32
            assigned = (Assigned(EXPERTS, ScaledFP8(scale_dtype=scale_dtype, **common)),)
    else:
        form = BlockFP8(block=block, scale_dtype=scale_dtype, **common)
    return replace(
        form,
        skip_modules=fields.names("modules_to_not_convert", "ignored_layers"),
        assigned=assigned,
        doubts=_doubts(fields),
    )


def _doubts(fields: Fields) -> tuple[str, ...]:
    named = fields.names("modules_to_convert")
    return (_EMBEDDINGS,) if named else ()


def read_mxfp8(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: mxfp8`: in transformers 5.24 the same as fp8 in blocks, of 1 x 32 in files."""
    scale_fmt = fields.choice("scale_fmt", "float", ("float", "ue8m0"))
    return BlockFP8(
        skip_modules=fields.names("modules_to_not_convert", "ignored_layers"),
        block=_block(fields) or DEFAULT_BLOCK,
        scale_dtype="E8M0" if scale_fmt == "ue8m0" else "F32",
    )


@dataclass(frozen=True, kw_only=True)
class FbgemmFP8(ScaledFP8):
    """A byte an element, an fp32 scale a row, and in memory an upper bound of the inputs' scale.

    Example:
        >>> FbgemmFP8().matrix_bytes(4096, 4096)
        (16793604, 16793600)

    Source: `FbgemmFp8Linear` of transformers 5.24, whose biases are fp32.
    """

    per: Literal["tensor", "row"] = "row"

    compared_roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})
    has_fp32_biases: ClassVar[bool] = True

    def converts(self, layer_class: LayerClass) -> bool:
        """Every instance of nn.Linear."""
        return layer_class != "Conv1D"

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, the scales, and the bound."""
        return *super().tensors(rows, columns), StoredTensor("input_scale_ub", "F32", 1, in_file=False)


def read_fbgemm(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: fbgemm_fp8`."""
    return FbgemmFP8(skip_modules=fields.names("modules_to_not_convert"))


def _block(fields: Fields) -> tuple[int, int] | None:
    """`weight_block_size`; None where it is absent or null."""
    block = fields.get("weight_block_size")
    if block is None:
        return None
    if not is_block(block):
        raise value_error(fields.path("weight_block_size"), block, "two whole numbers above 0, such as [128, 128]")
    return block[0], block[1]
