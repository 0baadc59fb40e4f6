"""torchao: PyTorch's own quantization, whose settings are written down as classes with their fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from budsim_widgets.formats import generic
from budsim_widgets.formats.base import Assigned, Basis, QuantizedFormat, StoredTensor, ceil_div
from budsim_widgets.formats.fields import Fields
from budsim_widgets.formats.fp8 import ScaledFP8

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role

_DEFAULT: Final = "_default"
_INT4_GROUP: Final = 128
_INTX_GROUP: Final = 32
_OLD_NAMES: Final = {
    "int4_weight_only": "Int4WeightOnlyConfig",
    "int8_weight_only": "Int8WeightOnlyConfig",
    "int8_dynamic_activation_int8_weight": "Int8DynamicActivationInt8WeightConfig",
    "float8_weight_only": "Float8WeightOnlyConfig",
    "float8_dynamic_activation_float8_weight": "Float8DynamicActivationFloat8WeightConfig",
}
"""What files from before torchao 0.10 call the classes."""

_BYTES: Final = ("Int8WeightOnlyConfig", "Int8DynamicActivationInt8WeightConfig")
_FLOATS: Final = ("Float8WeightOnlyConfig", "Float8DynamicActivationFloat8WeightConfig")


@dataclass(frozen=True, kw_only=True)
class Int8(QuantizedFormat):
    """A byte an element; per row an fp32 scale and a zero point of a byte.

    Example:
        >>> Int8().memory_bytes(768, 1024)
        790272

    Source: `Int8Tensor` of torchao 0.18, measured.
    """

    key: ClassVar[str] = "torchao-int8"
    compared_roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int8 (torchao)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`int8`."""
        return ("int8",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, and a scale and a zero point a row."""
        return (
            StoredTensor("qdata", "I8", rows * columns),
            StoredTensor("scale", "F32", rows),
            StoredTensor("zero_point", "I8", rows),
        )


@dataclass(frozen=True, kw_only=True)
class IntX(QuantizedFormat):
    """A byte an element, however few of its bits are used; per group a 16-bit scale and a zero point of a byte.

    Attributes:
        bits: Bits that are used.
        group_size: Columns that share a scale; None: the whole row.

    Example:
        >>> IntX(bits=4, group_size=32).memory_bytes(4096, 4096) - 4096 * 4096
        1572864

    Source: `IntxUnpackedToInt8Tensor` of torchao 0.18.
    """

    bits: int
    group_size: int | None = None

    key: ClassVar[str] = "torchao-intx"
    compared_roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"int{self.bits} in bytes (torchao)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: it takes a byte an element."""
        return ()

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, and a scale and a zero point a group."""
        groups = rows * (ceil_div(columns, self.group_size) if self.group_size else 1)
        return (
            StoredTensor("qdata", "I8", rows * columns),
            StoredTensor("scale", "F16", groups),
            StoredTensor("zero_point", "I8", groups),
        )


@dataclass(frozen=True, kw_only=True)
class Int4(QuantizedFormat):
    """Two elements a byte, and a 16-bit scale and zero point a group.

    Attributes:
        group_size: Columns that share a scale.
        layout: `plain`, or `tile_packed_to_4d`, where rows are filled up to 1,024 columns and their number to 8.

    Example:
        >>> Int4().memory_bytes(4096, 4096), Int4(layout="tile_packed_to_4d").memory_bytes(4096, 4000)
        (8912896, 8912896)

    Source: `Int4Tensor` and `Int4TilePackedTo4dTensor` of torchao 0.18, read; its kernels need a GPU.
    """

    group_size: int = _INT4_GROUP
    layout: Literal["plain", "tile_packed_to_4d"] = "plain"

    key: ClassVar[str] = "torchao-int4"
    basis: ClassVar[Basis] = "estimate"
    TILE_ROWS: ClassVar[int] = 8
    TILE_COLUMNS: ClassVar[int] = 1024

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"int4 (torchao, groups of {self.group_size})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """`int4`."""
        return ("int4",)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The elements, and a scale and a zero point a group."""
        if self.layout == "tile_packed_to_4d":
            rows = ceil_div(rows, self.TILE_ROWS) * self.TILE_ROWS
            columns = ceil_div(columns, self.TILE_COLUMNS) * self.TILE_COLUMNS
        groups = rows * ceil_div(columns, self.group_size)
        return StoredTensor("qdata", "U8", rows * ceil_div(columns, 2)), StoredTensor(
            "scale_and_zero", "F16", 2 * groups
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: torchao`: that of its `quant_type`, which may give modules their own."""
    kind, settings = _kind(fields)
    skip_modules = fields.names("modules_to_not_convert")
    if kind in {"FqnToConfig", "ModuleFqnToConfig"}:
        return _by_name(fields, settings, skip_modules)
    return replace(_form(fields, kind, settings), skip_modules=skip_modules)


def _kind(fields: Fields) -> tuple[str, Fields]:
    """The class of `quant_type`, and its fields."""
    given = fields.get("quant_type")
    if isinstance(given, str):
        return _OLD_NAMES.get(given, given), fields.within("quant_type_kwargs")
    default = fields.within("quant_type").within("default")
    return str(default.get("_type", "")), default.within("_data")


def _by_name(fields: Fields, settings: Fields, skip_modules: tuple[str, ...] | None) -> QuantizedFormat:
    """`FqnToConfig`: a format by a module's full name, or by `re:` and an expression; `_default` for the others."""
    named = next(
        (settings.within(name) for name in ("fqn_to_config", "module_fqn_to_config") if name in settings), None
    )
    if named is None:
        return generic.read(fields)
    forms = {name: _inner(fields, named.within(name)) for name in named.values}
    default = forms.pop(_DEFAULT, None)
    main = default or next((form for form in forms.values() if form), None)
    if main is None:
        return generic.read(fields)
    assigned = [Assigned((name.removesuffix(".weight"),), form) for name, form in forms.items()]
    if default is None:
        assigned.append(Assigned(("re:.*",), None))
    return replace(main, skip_modules=skip_modules, assigned=tuple(assigned))


def _inner(fields: Fields, written: Fields) -> QuantizedFormat | None:
    kind = str(written.get("_type", ""))
    return _form(fields, kind, written.within("_data")) if kind else None


def _form(fields: Fields, kind: str, settings: Fields) -> QuantizedFormat:
    if kind in _BYTES:
        return Int8()
    if kind in _FLOATS:
        is_row = _granularity(settings)[0] != "PerTensor"
        return ScaledFP8(per="row" if is_row else "tensor")
    if kind == "Int4WeightOnlyConfig":
        layout = settings.get("int4_packing_format", "plain")
        is_tiled = layout == "tile_packed_to_4d" or "layout" in settings
        return Int4(
            group_size=settings.number("group_size", _INT4_GROUP),
            layout="tile_packed_to_4d" if is_tiled else "plain",
        )
    unpacked = str(settings.get("intx_packing_format", "UNPACKED_TO_INT8")).upper()
    if kind.startswith(("Intx", "Int8DynamicActivationIntx")) and "UNPACKED_TO_INT8" in unpacked:
        bits = generic.bits_of_name(str(settings.within("weight_dtype").get("_data", "int8")))
        return IntX(bits=bits or 8, group_size=_granularity(settings)[1])
    bits = generic.bits_of_name(kind) or generic.bits_of_name(str(settings.get("weight_dtype", "")))
    group_size = settings.get("group_size", _INTX_GROUP)
    known = {**fields.values, "bits": bits, "group_size": group_size}
    return generic.read(Fields(known, fields.place))


def _granularity(settings: Fields) -> tuple[str, int | None]:
    """The class of `granularity` or `weight_granularity`, and its group size."""
    for name in ("granularity", "weight_granularity"):
        given: Any = settings.get(name)
        if isinstance(given, list):
            given = given[-1] if given else None
        if isinstance(given, dict):
            own = Fields(given, settings.path(name))
            return str(own.get("_type", "")), own.within("_data").group_size("group_size", None)
    return "", None
