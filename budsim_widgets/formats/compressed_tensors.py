"""compressed-tensors: one config that describes many layouts, for groups of modules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal

from budsim_widgets.formats import generic
from budsim_widgets.formats.base import Assigned, Basis, QuantizedFormat
from budsim_widgets.formats.fields import Fields
from budsim_widgets.formats.fp8 import BlockFP8, ScaledFP8, is_block
from budsim_widgets.formats.integers import GroupQuantized, IntScaled, StaticScales
from budsim_widgets.formats.microscaling import NVFP4, Microscaled
from budsim_widgets.formats.module_names import EVERYTHING, whole_names
from budsim_widgets.formats.stored_tensor import BYTE_BITS, StoredTensor, ceil_div

_BYTE: Final = 8
_PLAIN_BITS: Final = 16
_ALL_LINEAR: Final = frozenset({"Linear", "LinearBase"})
_MICROSCALED: Final[dict[str, Literal[4, 6, 8]]] = {
    "mxfp4-pack-quantized": 4,
    "mxfp6-pack-quantized": 6,
    "mxfp8-quantized": 8,
}
_SPARSE: Final = ("sparse-24", "marlin-24")
_PER_BYTE: Final = frozenset({"int-quantized", "naive-quantized"})


@dataclass(frozen=True, kw_only=True)
class Sparse24(QuantizedFormat):
    """Two of four elements, a bit for each that says which, and a 16-bit scale a group.

    Attributes:
        bits: Bits of an element that is kept.
        group_size: Columns that share a scale; None: the whole row.

    Example:
        4096 · 4096, 4 bits, a scale per row: 4,194,304 for the elements, 2,097,152 for the mask, 8,192 for the scales.

        >>> Sparse24(bits=4).memory_bytes(4096, 4096)
        6299648
    """

    bits: int
    group_size: int | None = None

    key: ClassVar[str] = "sparse-24"
    basis: ClassVar[Basis] = "estimate"

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"{self.bits} bits (2 of 4 elements)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """That it is an estimate."""
        return ("Weights of which two of four are kept are an estimate: half of the elements, and a bit for each.",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements that are kept, the mask, and the scales."""
        kept = rows * ceil_div(columns, 2)
        return (
            StoredTensor("compressed", "U8", ceil_div(kept * self.bits, BYTE_BITS)),
            StoredTensor("bitmask", "U8", rows * ceil_div(columns, BYTE_BITS)),
            StoredTensor("weight_scale", "F16", rows * (ceil_div(columns, self.group_size) if self.group_size else 1)),
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: compressed-tensors`: that of the group of all linear layers, else of the first.

    Groups whose `targets` name modules come before a group of all linear layers, as compressed-tensors orders them.

    Source: `QuantizationScheme`, `CompressionFormat` and `match_name` of compressed-tensors 0.20.
    """
    ignored = whole_names(fields.names("ignore") or ())
    groups = [(tuple(_targets(group)), _form(fields, group)) for group in _groups(fields)]
    whole = [form for targets, form in groups if not targets or not _ALL_LINEAR.isdisjoint(targets)]
    named = tuple(Assigned(whole_names(targets), form) for targets, form in groups if form not in whole)
    if not groups:
        is_sparse = str(fields.within("sparsity_config").get("format")).startswith(_SPARSE)
        form = Sparse24(bits=_PLAIN_BITS) if is_sparse else generic.read(fields)
        return replace(form, skip_modules=ignored)
    main = whole[0] if whole else groups[0][1]
    others = () if whole else (Assigned((EVERYTHING,), None),)
    has_embedding = any("Embedding" in targets for targets, _ in groups)
    return replace(main, skip_modules=ignored, assigned=(*named, *others), has_embedding=has_embedding)


def _groups(fields: Fields) -> list[Fields]:
    groups = fields.within("config_groups")
    return [groups.within(name) for name, group in groups.values.items() if isinstance(group, dict)]


def _targets(group: Fields) -> tuple[str, ...]:
    return group.names("targets") or ()


def _form(fields: Fields, group: Fields) -> QuantizedFormat:
    """The format of one group."""
    weights = group.within("weights")
    layout = str(group.get("format") or fields.get("format") or "")
    bits = weights.number("num_bits", 8, choices=(1, 2, 3, 4, 5, 6, 7, 8, 16))
    group_size = weights.group_size("group_size", None)
    if "num_bits" not in weights:
        return generic.read(fields)
    if layout.startswith(_SPARSE) or str(fields.within("sparsity_config").get("format")).startswith(_SPARSE):
        return Sparse24(bits=bits, group_size=group_size)
    if layout in _MICROSCALED and group_size in {None, Microscaled.BLOCK}:
        return Microscaled(bits=_MICROSCALED[layout])
    if layout.startswith("nvfp4") and group_size in {None, NVFP4.BLOCK}:
        return NVFP4(has_input_scale="input_activations" in group)
    if weights.get("type") == "float" and bits == _BYTE:
        return _float8(weights, group)
    return _integers(fields, group, layout)


def _static_scales(group: Fields) -> StaticScales:
    static = [
        (name, own)
        for name in ("input_activations", "output_activations")
        if (own := group.within(name)).get("dynamic") is False
    ]
    held = {f"of_{name.split('_')[0]}s" for name, _ in static}
    zeros = {f"zeros_of_{name.split('_')[0]}s" for name, own in static if own.get("symmetric") is False}
    return StaticScales(**dict.fromkeys(held | zeros, True))


def _integers(fields: Fields, group: Fields, layout: str) -> QuantizedFormat:
    weights = group.within("weights")
    bits, group_size = weights.number("num_bits", _BYTE), weights.group_size("group_size", None)
    if layout == "pack-quantized" and weights.get("type", "int") == "int":
        return _packed(weights, bits, group_size)
    if layout in _PER_BYTE and weights.get("type", "int") == "int":
        per: Literal["row", "tensor"] = "tensor" if weights.get("strategy") == "tensor" else "row"
        return IntScaled(
            bits=bits,
            per=per,
            group_size=group_size,
            has_zeros=weights.get("symmetric") is False,
            activations=_static_scales(group),
        )
    return generic.read(Fields({**fields.values, "bits": bits, "group_size": group_size}, fields.place))


def _float8(weights: Fields, group: Fields) -> QuantizedFormat:
    block = weights.get("block_structure")
    if is_block(block):
        return BlockFP8(block=(block[0], block[1]), scale_dtype="F16")
    inputs = group.get("input_activations")
    is_static = isinstance(inputs, dict) and inputs.get("dynamic") is False
    per: Literal["row", "tensor"] = "row" if weights.get("strategy") == "channel" else "tensor"
    form = ScaledFP8(per=per, scale_dtype="F16")
    return replace(form, has_input_scale=True, input_scale_dtype="F16") if is_static else form


def _packed(weights: Fields, bits: int, group_size: int | None) -> QuantizedFormat:
    order: Any = weights.get("actorder")
    return GroupQuantized(
        key="compressed-tensors",
        bits=bits,
        group_size=group_size,
        has_zeros=weights.get("symmetric") is False,
        has_index=order is True or order == "group",
        has_shape=True,
    )
