"""torchao's configs: classes with their fields, for all linear layers or by a module's name.

transformers hands them to torchao (`TorchAoConfig`); `include_input_output_embeddings` quantizes these besides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.formats import generic
from budsim_widgets.formats.base import Assigned
from budsim_widgets.formats.fields import Fields
from budsim_widgets.formats.module_names import EVERYTHING, REGEX
from budsim_widgets.formats.plain_names import WHOLE
from budsim_widgets.formats.torchao.base import PER_ROW, PER_TENSOR, Granularity
from budsim_widgets.formats.torchao.byte_elements import Float8, Int8, IntX
from budsim_widgets.formats.torchao.int4 import Int4
from budsim_widgets.formats.versions import leaves_fused_experts

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.torchao.int4 import Packing

_DEFAULT: Final = "_default"
_INT4_GROUP: Final = 128
_INTX_GROUP: Final = 32
_TILE_ROWS: Final = (8, 16)
_OLD_NAMES: Final = {
    "int4_weight_only": "Int4WeightOnlyConfig",
    "int8_weight_only": "Int8WeightOnlyConfig",
    "int8_dynamic_activation_int8_weight": "Int8DynamicActivationInt8WeightConfig",
    "float8_weight_only": "Float8WeightOnlyConfig",
    "float8_dynamic_activation_float8_weight": "Float8DynamicActivationFloat8WeightConfig",
}
"""What files from before torchao 0.10 call the classes."""

_PACKINGS: Final[tuple[Packing, ...]] = ("plain", "plain_int32", "preshuffled", "tile_packed_to_4d")
_TILES: Final = "TensorCoreTiledLayout"
_EXPERTS: Final = "experts"
_NAMED_EXPERTS: Final = "torchao's config names parameters of experts, which aren't distinguished here: an estimate."
_PARAMETER: Final = (r"\.weight", ".weight")


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: torchao`: that of its `quant_type`, which may give modules their own.

    Source: `TorchAoHfQuantizer` of transformers 5.24; `FqnToConfig` of torchao 0.18.
    """
    kind, settings = _kind(fields)
    has_embedding = fields.flag("include_input_output_embeddings", default=False)
    skip_modules = fields.names("modules_to_not_convert")
    form = _by_name(fields, settings) if kind in {"FqnToConfig", "ModuleFqnToConfig"} else _form(fields, kind, settings)
    return replace(
        form,
        skip_modules=() if has_embedding and skip_modules is None else skip_modules,
        has_embedding=has_embedding,
        excluded_roles=_excluded_roles(fields),
    )


def _excluded_roles(fields: Fields) -> frozenset[Role]:
    return frozenset({"experts"}) if leaves_fused_experts(fields) else frozenset()


def _kind(fields: Fields) -> tuple[str, Fields]:
    """The class of `quant_type`, and its fields."""
    given = fields.get("quant_type")
    if isinstance(given, str):
        return _OLD_NAMES.get(given, given), fields.within("quant_type_kwargs")
    default = fields.within("quant_type").within("default")
    return str(default.get("_type", "")), default.within("_data")


def _by_name(fields: Fields, settings: Fields) -> QuantizedFormat:
    """`FqnToConfig`: a format by a module's full name, then by `re:` and an expression, then `_default`."""
    named = next(
        (settings.within(name) for name in ("fqn_to_config", "module_fqn_to_config") if settings.within(name).values),
        None,
    )
    if named is None:
        return generic.read(fields)
    forms = {name: _inner(fields, named.within(name)) for name in named.values}
    default = forms.pop(_DEFAULT, None)
    main = default or next((form for form in forms.values() if form), None)
    if main is None:
        return generic.read(fields)
    excluded = _excluded_roles(fields)
    kept = {name: form and replace(form, excluded_roles=excluded) for name, form in forms.items()}
    ordered = sorted(kept, key=lambda name: name.startswith(REGEX))  # whole names come first
    assigned = [Assigned((_listed(name),), kept[name]) for name in ordered]
    if default is None:
        assigned.append(Assigned((EVERYTHING,), None))
    doubts = (_NAMED_EXPERTS,) if any(_EXPERTS in name for name in forms) else ()
    return replace(main, assigned=tuple(assigned), doubts=doubts)


def _listed(name: str) -> str:
    """A name or an expression, of a module or its weight, in the language of `formats.skip_modules`."""
    for ending in _PARAMETER:
        name = name.removesuffix(ending)
    return f"{REGEX}(?:{name.removeprefix(REGEX)})$" if name.startswith(REGEX) else f"{WHOLE}{name}"


def _inner(fields: Fields, written: Fields) -> QuantizedFormat | None:
    kind = str(written.get("_type", ""))
    return _form(fields, kind, written.within("_data")) if kind else None


def _form(fields: Fields, kind: str, settings: Fields) -> QuantizedFormat:
    """The format that a class makes with these fields; an estimate from its name for one that isn't described."""
    found: QuantizedFormat | None = None
    if kind in {"Int8WeightOnlyConfig", "Int8DynamicActivationInt8WeightConfig"}:
        group_size = settings.group_size("group_size", None)  # of version 1
        found = Int8(granularity=_granularity(settings, Granularity(1, group_size)))
    elif kind == "Float8WeightOnlyConfig":
        found = Float8(granularity=_granularity(settings, PER_ROW))
    elif kind == "Float8DynamicActivationFloat8WeightConfig":
        if _word(settings, "packing_format", "plain") == "plain":
            found = Float8(granularity=_granularity(settings, PER_TENSOR), is_for_kernels=True)
    elif kind in {"Int4WeightOnlyConfig", "Float8DynamicActivationInt4WeightConfig"}:
        found = _int4(kind, settings)
    elif kind in {"IntxWeightOnlyConfig", "Int8DynamicActivationIntxWeightConfig"}:
        found = _intx(kind, settings)
    return found or _estimate(fields, kind, settings)


def _int4(kind: str, settings: Fields) -> Int4 | None:
    """Two elements a byte; None for a packing that isn't described."""
    if kind == "Float8DynamicActivationInt4WeightConfig":
        is_plain = _word(settings, "int4_packing_format", "preshuffled") == "plain"
        return Int4(packing="plain" if is_plain else "preshuffled_fp8", leaves_others=False)
    group_size = settings.number("group_size", _INT4_GROUP)
    layout = settings.within("layout").get("_type")  # of version 1
    if layout is not None:
        return Int4(group_size=group_size, packing="tile_packed_to_4d") if layout == _TILES else None
    given = _word(settings, "int4_packing_format", "plain")
    packing = next((known for known in _PACKINGS if known == given), None)
    rows = settings.number("int4_tile_packed_ntile", _TILE_ROWS[0], choices=_TILE_ROWS)
    return packing and Int4(group_size=group_size, packing=packing, tile_rows=rows)


def _intx(kind: str, settings: Fields) -> IntX | None:
    """A byte an element; None where a kernel packs them as it likes."""
    is_dynamic = kind.startswith("Int8Dynamic")
    if _word(settings, "intx_packing_format", "unpacked_to_int8") != "unpacked_to_int8":
        return None
    bits = generic.bits_of_name(str(settings.within("weight_dtype").get("_data", "int8")))
    scale = settings.within("weight_scale_dtype" if is_dynamic else "scale_dtype").get("_data")
    return IntX(
        bits=bits or 8,
        granularity=_granularity(settings, Granularity(1, _INTX_GROUP) if is_dynamic else PER_ROW),
        scale_dtype="F32" if scale == "float32" else "F16",
    )


def _estimate(fields: Fields, kind: str, settings: Fields) -> QuantizedFormat:
    bits = generic.bits_of_name(kind) or generic.bits_of_name(str(settings.get("weight_dtype", "")))
    known = {**fields.values, "bits": bits, "group_size": settings.get("group_size", _INTX_GROUP)}
    return generic.read(Fields(known, fields.place))


def _word(settings: Fields, name: str, default: str) -> str:
    """A word, bare or as torchao writes a member of an enumeration."""
    given = settings.get(name, default)
    return str(given.get("_data") if isinstance(given, dict) else given).lower()


def _granularity(settings: Fields, default: Granularity) -> Granularity:
    """`granularity` or `weight_granularity`: one, or those of activations and weights."""
    for name in ("granularity", "weight_granularity"):
        given: Any = settings.get(name)
        if isinstance(given, list):
            given = given[-1] if given else None
        if isinstance(given, dict):
            own = Fields(given, settings.path(name))
            data = own.within("_data")
            match str(own.get("_type", "")):
                case "PerTensor":
                    return PER_TENSOR
                case "PerGroup":
                    return Granularity(1, data.group_size("group_size", None))
                case "PerBlock":
                    return _block(data)
                case _:
                    return PER_ROW
    return default


def _block(data: Fields) -> Granularity:
    match data.get("block_size"):
        case [int(rows), int(columns)] if rows > 0 and columns > 0:
            return Granularity(rows, columns)
    return PER_TENSOR
