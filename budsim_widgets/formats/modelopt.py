"""NVIDIA's Model Optimizer, and TensorRT-LLM's names for the same formats (`quant_algo`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from budsim_widgets.formats import generic, modelopt_integers
from budsim_widgets.formats.base import Assigned
from budsim_widgets.formats.fields import Fields
from budsim_widgets.formats.finegrained_fp8 import EXPERTS
from budsim_widgets.formats.fp8 import BlockFP8, ScaledFP8
from budsim_widgets.formats.microscaling import NVFP4, Microscaled
from budsim_widgets.formats.module_names import EVERYTHING, fused_experts, globs

if TYPE_CHECKING:
    from budsim_widgets.formats.base import QuantizedFormat

_MIXED: Final = "MIXED_PRECISION"
_FORMS: Final[dict[str, QuantizedFormat]] = {
    **dict.fromkeys(("NVFP4", "NVFP4_AWQ", "W4A4_NVFP4"), NVFP4()),
    "W4A16_NVFP4": NVFP4(has_input_scale=False),
    **dict.fromkeys(("FP8", "FP8_PER_TENSOR"), ScaledFP8(has_input_scale=True)),
    "FP8_PER_CHANNEL_PER_TOKEN": ScaledFP8(per="row"),
    **dict.fromkeys(("FP8_PB_WO", "FP8_BLOCK_SCALES"), BlockFP8()),
    **dict.fromkeys(("MXFP4", "W4A8_MXFP4_FP8", "W4A8_MXFP4_MXFP8", "W4A16_MXFP4"), Microscaled(bits=4)),
    **dict.fromkeys(("MXFP8", "W8A8_MXFP8"), Microscaled(bits=8)),
}
"""`quant_algo` → the format of linear layers."""

_LISTS: Final = ("ignore", "exclude_modules", "modules_to_not_convert", "ignored_layers")


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: modelopt`, of `quant_algo`, and of what hf_quant_config.json holds.

    Modules are listed as shell globs. `moe_quant_algo` is the format of the routed experts; with `MIXED_PRECISION`,
    `quantized_layers` names those of single modules.

    Source: `ModelOptFp8Config` and `ModelOptNvFp4Config` of vLLM 0.33; `QuantAlgo` of TensorRT-LLM 1.2.
    """
    inner = fields.within("quantization") if "quantization" in fields else fields
    listed = inner.names(*_LISTS)
    skip_modules = None if listed is None else globs(listed)
    algorithm = _algorithm(inner)
    own = (*_layers(inner), *_experts(inner))
    if algorithm != _MIXED:
        form = _form(inner, algorithm)
        return replace(form, skip_modules=skip_modules, assigned=(*own, *form.assigned))
    main = next((form for _, form in own if form is not None), generic.read(inner))
    if own and "moe_quant_algo" not in inner:
        own = (*own, Assigned((EVERYTHING,), None))
    return replace(main, skip_modules=skip_modules, assigned=own)


def with_experts(fields: Fields, form: QuantizedFormat) -> QuantizedFormat:
    """A format of another method whose config gives the routed experts one of Model Optimizer's (`moe_quant_algo`)."""
    return replace(form, assigned=(*_experts(fields), *form.assigned)) if "moe_quant_algo" in fields else form


def _experts(fields: Fields) -> tuple[Assigned, ...]:
    if "moe_quant_algo" not in fields:
        return ()
    return (Assigned(EXPERTS, _form(fields, str(fields.get("moe_quant_algo")).upper())),)


def _algorithm(fields: Fields) -> str:
    """`quant_algo`, or what the weights of the first group say."""
    given = fields.get("quant_algo")
    if isinstance(given, str):
        return given.upper()
    weights = _group(fields).within("weights")
    bits = weights.bits("num_bits")
    if weights.get("type") == "float" and bits == 8:  # noqa: PLR2004 - fp8
        return "FP8_BLOCK_SCALES" if "block_structure" in weights else "FP8"
    if weights.get("type") == "float" and bits == 4:  # noqa: PLR2004 - fp4
        return "NVFP4" if weights.get("group_size") == NVFP4.BLOCK else "MXFP4"
    return ""


def _group(fields: Fields) -> Fields:
    groups = fields.within("config_groups")
    return next((groups.within(name) for name in groups.values), groups)


def _layers(fields: Fields) -> tuple[Assigned, ...]:
    """`quantized_layers`: modules of one format together."""
    layers = fields.within("quantized_layers")
    named: dict[tuple[str, int], list[str]] = {}
    for name in layers.values:
        own = layers.within(name)
        key = str(own.get("quant_algo", "")).upper(), own.group_size("group_size", None) or 0
        named.setdefault(key, []).append(name)
    return tuple(
        Assigned(
            globs(dict.fromkeys(map(fused_experts, names))),
            _form(Fields({"group_size": size or None}, layers.place), algorithm),
        )
        for (algorithm, size), names in named.items()
    )


def _group_size(fields: Fields) -> int | None:
    """What the config says of columns that share a scale, beside `quant_algo` or in its first group."""
    holder = fields if "group_size" in fields else _group(fields).within("weights")
    return holder.group_size("group_size", None)


def _block_of(form: QuantizedFormat) -> int | None:
    """Columns that share a scale, where the format's own kernels fix them."""
    if isinstance(form, (NVFP4, Microscaled)):
        return form.BLOCK
    return form.block[1] if isinstance(form, BlockFP8) else None


def _form(fields: Fields, algorithm: str) -> QuantizedFormat:
    known, size = _FORMS.get(algorithm), _group_size(fields)
    if known is not None and (size is None or _block_of(known) in {None, size}):
        return known
    if algorithm in modelopt_integers.ALGORITHMS:
        return modelopt_integers.read(fields, algorithm)
    found = generic.read(fields)
    bits = found.bits or generic.bits_of_name(algorithm)
    is_whole = "group_size" not in fields and bits == 8  # noqa: PLR2004 - a scale per row
    return replace(
        found, method=(algorithm or found.method)[:40], bits=bits, group_size=None if is_whole else found.group_size
    )
