r"""GPTQ, as AutoGPTQ, GPTQModel and optimum write it, and AutoRound, which packs its integers the same way.

All three quantize linear layers inside the numbered layers of a language model, and not its head, unless the config
says so. GPTQModel's `dynamic` gives modules settings of their own, or leaves them out; its keys are regular
expressions behind `+:` or `-:`. AutoRound's `extra_config` names modules.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.formats.base import Assigned
from budsim_widgets.formats.generic import GenericQuantization
from budsim_widgets.formats.integers import GroupQuantized
from budsim_widgets.formats.module_names import EVERYTHING, NUMBERED_LAYERS, REGEX, fused_experts, literal
from budsim_widgets.printable import shortened

if TYPE_CHECKING:
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.fields import Fields

GPTQ_BITS: Final = (2, 3, 4, 8)
"""`GPTQConfig.post_init` of transformers 5.24."""

_AUTO_ROUND_BITS: Final = (2, 3, 4, 5, 6, 7, 8)
_PLAIN_BITS: Final = 16
_LAYOUTS: Final = ("gptq", "gptq_v2")
_AUTO_GPTQ: Final = "model_file_base_name"
"""A field that AutoGPTQ alone writes."""

_LEAVES_OUT: Final = "-:"
_CHANGES: Final = "+:"


def read_gptq(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: gptq`.

    Raises:
        ConfigError: Its bits or its group size can't be.
    """
    form = _form(fields, GPTQ_BITS, default_bits=None)
    layout = str(fields.get("checkpoint_format") or fields.get("format") or _LAYOUTS[0]).lower()
    if layout not in _LAYOUTS or fields.get("is_marlin_format") is True:
        return _estimate(fields, form, f"gptq {layout}")
    has_head = fields.get("lm_head") is True
    listed = fields.names("modules_to_not_convert") or ()
    return replace(
        form,
        is_for_text=True,
        skip_modules=(*(() if has_head else ("lm_head",)), *listed),
        assigned=(*_dynamic(fields, form), *_blocks(fields, form, has_head=has_head)),
    )


def read_auto_round(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: auto-round`, packed as GPTQ does or as AutoAWQ.

    Raises:
        ConfigError: Its bits or its group size can't be. Source: `AutoRoundConfig.post_init` of transformers 5.24.
    """
    form = _form(fields, _AUTO_ROUND_BITS, default_bits=4)
    kind = fields.get("data_type", "int")
    if not str(kind).startswith("int"):
        return _estimate(fields, form, f"auto-round {kind}")
    if "awq" in str(fields.get("packing_format", "")):
        form = replace(form, key="awq", has_index=False)
    extra = _extra(fields, form)
    blocks = fields.get("block_name_to_quantize") or fields.get("to_quant_block_names")
    listed = fields.names("modules_to_not_convert") or ()
    has_head = any(form is not None and names == ("lm_head",) for names, form in extra)
    head = () if has_head else ("lm_head",)
    return replace(
        form,
        is_for_text=not _names_towers(blocks),
        skip_modules=(*head, *listed),
        assigned=(*extra, *_blocks(fields, form, has_head=has_head)),
    )


def _estimate(fields: Fields, form: GroupQuantized, method: str) -> QuantizedFormat:
    """The same bits and groups in a layout, or of numbers, of which no file was compared."""
    return GenericQuantization(
        skip_modules=("lm_head", *(fields.names("modules_to_not_convert") or ())),
        is_for_text=True,
        method=shortened(method, 40),
        bits=form.bits,
        group_size=form.group_size,
        is_declared=True,
    )


def _form(fields: Fields, choices: tuple[int, ...], *, default_bits: int | None) -> GroupQuantized:
    return GroupQuantized(
        key="gptq",
        bits=fields.number("bits", default_bits, choices=choices),
        group_size=fields.group_size("group_size", 128),
        has_index=True,
        repeats_tied_head=_AUTO_GPTQ in fields.values,
    )


def _blocks(fields: Fields, form: GroupQuantized, *, has_head: bool) -> tuple[Assigned, ...]:
    """That only what lies inside of the layers is quantized, and of that only what is listed."""
    inside = fields.get("modules_in_block_to_quantize") or fields.get("inside_layer_modules")
    parts = inside if isinstance(inside, list) else []
    kept = [name for part in parts for name in (part if isinstance(part, list) else [part])]
    names = [f"{REGEX}.*\\.\\d+\\.{literal(name)}$" for name in kept if isinstance(name, str)]
    head = ("lm_head",) if has_head else ()
    return Assigned((*(names or (NUMBERED_LAYERS,)), *head), form), Assigned((EVERYTHING,), None)


def _dynamic(fields: Fields, form: GroupQuantized) -> tuple[Assigned, ...]:
    """GPTQModel's `dynamic`; `+:` and no sign change settings, `-:` leaves modules out."""
    dynamic = fields.within("dynamic")
    found = []
    for name in dynamic.values:
        pattern = REGEX + name.removeprefix(_LEAVES_OUT).removeprefix(_CHANGES)
        changed = None if name.startswith(_LEAVES_OUT) else _changed(dynamic.within(name), form, GPTQ_BITS)
        found.append(Assigned((pattern,), changed))
    return tuple(found)


def _extra(fields: Fields, form: GroupQuantized) -> tuple[Assigned, ...]:
    """AutoRound's `extra_config`; 16 bits or more leave a module out."""
    extra = fields.within("extra_config")
    found = []
    for name in extra.values:
        own = extra.within(name)
        is_plain = (own.bits("bits") or 0) >= _PLAIN_BITS
        changed = None if is_plain else _changed(own, form, _AUTO_ROUND_BITS)
        found.append(Assigned((REGEX + name,) if _is_pattern(name) else (fused_experts(name),), changed))
    return tuple(dict.fromkeys(found))


def _changed(own: Fields, form: GroupQuantized, choices: tuple[int, ...]) -> GroupQuantized:
    return replace(
        form,
        bits=own.number("bits", form.bits, choices=choices),
        group_size=own.group_size("group_size", form.group_size),
    )


def _is_pattern(name: str) -> bool:
    return any(sign in name for sign in "*+\\^$[(")


def _names_towers(blocks: Any) -> bool:
    """Whether the list of blocks names those of a tower."""
    named = blocks if isinstance(blocks, str) else str(blocks or "")
    return any(word in named for word in ("visual", "vision", "audio"))
