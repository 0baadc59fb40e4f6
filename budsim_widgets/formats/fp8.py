"""8-bit floating point: per block, per row or per tensor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from budsim_widgets.formats.base import Assigned, QuantizedFormat, StoredTensor, ceil_div
from budsim_widgets.intake.field_values import value_error

if TYPE_CHECKING:
    from budsim_widgets.formats.base import OlderNames
    from budsim_widgets.formats.fields import Fields

EXPERTS: Final = (".experts", r"re:.*\.experts\.")
"""Routed experts, under the name that transformers gives them: one module for all, or one each."""

DEFAULT_BLOCK = (128, 128)
"""`FineGrainedFP8Config()` of transformers 5.23, and DeepSeek-V3's files."""


@dataclass(frozen=True, kw_only=True)
class BlockFP8(QuantizedFormat):
    """A byte an element, and one scale (`weight_scale_inv`) a block.

    Attributes:
        block: Rows and columns of a block.
        scale_dtype: `F32`, `F16`, or `E8M0` where `scale_fmt` is `ue8m0`.
        has_input_scale: Whether the file also holds a static scale of the inputs, one a matrix.

    Example:
        A gate of DeepSeek-V3's dense layers: 18432 · 7168 elements, 144 · 56 blocks.

        >>> BlockFP8().memory_bytes(18432, 7168)
        132152832

    Source: `FP8Linear` and `_alloc_expert_proj` of transformers 5.23.
    """

    block: tuple[int, int] = DEFAULT_BLOCK
    scale_dtype: Literal["F32", "F16", "E8M0"] = "F32"
    has_input_scale: bool = False

    key: ClassVar[str] = "fp8"
    older_names: ClassVar[OlderNames] = "renamed"

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"fp8 (blocks of {self.block[0]}x{self.block[1]})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`fp8`."""
        return ("fp8",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """A byte an element, and a scale a block."""
        blocks = ceil_div(rows, self.block[0]) * ceil_div(columns, self.block[1])
        inputs = (StoredTensor("activation_scale", "F32", 1),) if self.has_input_scale else ()
        return (
            StoredTensor("weight", "F8", rows * columns),
            StoredTensor("weight_scale_inv", self.scale_dtype, blocks),
            *inputs,
        )


@dataclass(frozen=True, kw_only=True)
class ScaledFP8(QuantizedFormat):
    """A byte an element, and one scale a tensor or a row.

    Attributes:
        per: `tensor` or `row`.
        scale_dtype: `F32`, `F16` or `E8M0`.
        has_input_scale: Whether the file also holds a static scale of the inputs, one a matrix.
        input_scale_dtype: `F32` or `F16`.

    Example:
        >>> ScaledFP8(has_input_scale=True).memory_bytes(4096, 4096) - 4096 * 4096
        8
        >>> ScaledFP8(per="row").memory_bytes(4096, 4096) - 4096 * 4096
        16384

    Source: `FP8Linear` (without blocks) and `FbgemmFp8Linear` of transformers 5.23; `float-quantized` of
    compressed-tensors.
    """

    per: Literal["tensor", "row"] = "tensor"
    scale_dtype: Literal["F32", "F16", "E8M0"] = "F32"
    has_input_scale: bool = False
    input_scale_dtype: Literal["F32", "F16"] = "F32"

    key: ClassVar[str] = "fp8"

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"fp8 (a scale per {self.per})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`fp8`."""
        return ("fp8",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """A byte an element, and the scales."""
        scales = rows if self.per == "row" else 1
        found = (
            StoredTensor("weight", "F8", rows * columns),
            StoredTensor("weight_scale", self.scale_dtype, scales),
        )
        return (*found, StoredTensor("input_scale", self.input_scale_dtype, 1)) if self.has_input_scale else found


@dataclass(frozen=True, kw_only=True)
class ExpertsFP4(QuantizedFormat):
    """Experts of DeepSeek-V4's files: two elements a byte, and a scale for each 32 of a row.

    Attributes:
        scale_dtype: `F32`, or `E8M0` where `scale_fmt` is `ue8m0`.

    Example:
        Gates and ups of one expert of DeepSeek-V4-Flash, 4096 · 4096: elements 8,388,608, scales 524,288.

        >>> ExpertsFP4().memory_bytes(4096, 4096)
        8912896

    Source: `FP8Experts` of transformers 5.24 (`expert_dtype="fp4"`).
    """

    scale_dtype: Literal["F32", "E8M0"] = "E8M0"

    key: ClassVar[str] = "fp4-experts"
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
        return (
            StoredTensor("weight", "I8", rows * ceil_div(columns, 2)),
            StoredTensor("weight_scale_inv", self.scale_dtype, rows * ceil_div(columns, self.BLOCK)),
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format that a `quantization_config` with `quant_method: fp8` describes.

    Raises:
        ConfigError: A value that `FineGrainedFP8Config.post_init` of transformers 5.24 refuses.
    """
    skip_modules = fields.names("modules_to_not_convert", "ignored_layers")
    scheme = fields.choice("activation_scheme", "dynamic", ("dynamic", "static"))
    is_e8m0 = fields.choice("scale_fmt", "float", ("float", "ue8m0")) == "ue8m0"
    scale_dtype: Literal["E8M0", "F32"] = "E8M0" if is_e8m0 else "F32"
    assigned: tuple[Assigned, ...] = ()
    if fields.choice("expert_dtype", "fp8", ("fp8", "fp4")) == "fp4":
        assigned = (Assigned(EXPERTS, ExpertsFP4(scale_dtype=scale_dtype)),)
    block = _block(fields)
    if block is None:
        form = ScaledFP8(has_input_scale=scheme == "static")
        if is_e8m0 and not assigned:  # of linear layers, the scale of a whole tensor stays fp32
            assigned = (Assigned(EXPERTS, replace(form, scale_dtype=scale_dtype)),)
        return replace(form, skip_modules=skip_modules, assigned=assigned)
    return BlockFP8(
        skip_modules=skip_modules,
        assigned=assigned,
        block=block,
        scale_dtype=scale_dtype,
        has_input_scale=scheme == "static",
    )


def read_mxfp8(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: mxfp8`: in transformers 5.24 the same as fp8 in blocks, of 1 x 32 in files."""
    scale_fmt = fields.choice("scale_fmt", "float", ("float", "ue8m0"))
    return BlockFP8(
        skip_modules=fields.names("modules_to_not_convert", "ignored_layers"),
        block=_block(fields) or DEFAULT_BLOCK,
        scale_dtype="E8M0" if scale_fmt == "ue8m0" else "F32",
    )


def read_fbgemm(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: fbgemm_fp8`: one fp32 scale a row."""
    return ScaledFP8(skip_modules=fields.names("modules_to_not_convert"), per="row")


def _block(fields: Fields) -> tuple[int, int] | None:
    """`weight_block_size`; None where it is absent or null."""
    block = fields.get("weight_block_size")
    if block is None:
        return None
    if not is_block(block):
        raise value_error(fields.path("weight_block_size"), block, "two whole numbers above 0, such as [128, 128]")
    return block[0], block[1]


def is_block(block: object) -> bool:
    """Whether it is a list of two sizes: rows and columns."""
    return isinstance(block, list) and len(block) == 2 and all(type(n) is int and n > 0 for n in block)  # noqa: PLR2004
