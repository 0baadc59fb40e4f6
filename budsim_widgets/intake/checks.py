"""Whether a config can be calculated with: all its checks, in the order in which they help most."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.data import load_table
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.common_names import COMMON_NAMES, TEXT_PARTS
from budsim_widgets.intake.consistency import check_level, check_names
from budsim_widgets.intake.defaults import declaration_in, declaration_of, resolve_fields
from budsim_widgets.intake.field_values import check_value, type_error, value_error
from budsim_widgets.intake.known_files import refuse_known_file
from budsim_widgets.intake.plain import plain_copy
from budsim_widgets.intake.required import check_required
from budsim_widgets.units import short_dtype

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.intake.defaults import Declaration, Part

_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}\Z")
_IDENTIFIER_WORDS: Final = "a name of at most 100 letters, digits, dots, hyphens and underscores"

_OTHER_DTYPES: Final = frozenset(
    ("auto", "float8_e8m0fnu", "float8_e4m3fnuz", "float8_e5m2fnuz", "float4_e2m1fn_x2", "uint8", "int16", "int32")
)
_MAIN_SIZES: Final = frozenset(
    (*(name for names in COMMON_NAMES.values() for name in names), "num_key_value_heads", "head_dim", "sliding_window")
) - {"num_query_heads"}
"""One number for the whole model, in every config; OpenELM lists its `num_query_heads`."""

_SIZES_ANYWHERE: Final = frozenset(
    ("head_dim", "hidden_size", "intermediate_size", "max_position_embeddings", "num_hidden_layers", "vocab_size")
)
"""Sizes that a config writes as numbers, whether its class has such a field or not."""

_A_NUMBER: Final = "ifn"
"""A whole number, a fraction such as 1200.0, or null."""

_LATENT: Final = frozenset({"kv_lora_rank", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"})
"""Sizes of latent attention."""

_LISTS: Final = ("layer_types", "mlp_layer_types")
"""One item a layer, in every config."""

_OBJECTS: Final = frozenset((*TEXT_PARTS, "vision_config", "audio_config", "quantization_config"))
"""Fields that hold an object or null, whatever the type of the model."""


def check_fields(config: Mapping[str, Any]) -> dict[str, Any]:
    """Check that the fields of a parsed config are there, have the right types, and agree with each other.

    Returns:
        A copy of it in JSON's own types, with the fields that it leaves out, as `resolve_fields` gives it.

    Raises:
        ConfigError: FIELD_TYPE, FIELD_VALUE, FIELD_RANGE, MISSING_FIELD, INCONSISTENT, UNSUPPORTED, NOT_OBJECT,
            WRONG_FILE or TOO_DEEP. It names the field, what stands there, and what should.

    Example:
        >>> check_fields({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 100})
        Traceback (most recent call last):
        budsim_widgets.errors.ConfigError: The config lacks num_attention_heads. Paste the whole config.json, …
    """
    fields = plain_copy(config)
    refuse_known_file(fields)
    _check_identity(fields, "")
    _refuse_without_text(fields)
    check_required(fields)
    _check_values(fields, declaration_of(fields), "")
    resolved = resolve_fields(fields)
    _check_agreement(resolved, "")
    return resolved


def _check_identity(config: Mapping[str, Any], prefix: str) -> None:
    """What the config says about itself: its type, its class, and the format of its numbers."""
    model_type = config.get("model_type")
    if model_type is not None:
        _check_identifier(f"{prefix}model_type", model_type)
    architectures = config.get("architectures")
    if architectures is not None:
        if not isinstance(architectures, list):
            raise type_error(f"{prefix}architectures", architectures, "a list of names")
        for name in architectures:
            _check_identifier(f"{prefix}architectures", name)
    for field in ("dtype", "torch_dtype"):
        if config.get(field) is not None:
            _check_dtype(prefix + field, config[field])


def _check_identifier(path: str, value: Any) -> None:
    if not isinstance(value, str):
        raise type_error(path, value, _IDENTIFIER_WORDS)
    if value and not _IDENTIFIER.match(value):
        raise value_error(path, value, _IDENTIFIER_WORDS)


def _check_dtype(path: str, value: Any) -> None:
    expected = "a number format such as bfloat16"
    if not isinstance(value, str):
        raise type_error(path, value, expected)
    if short_dtype(value) is None and value.removeprefix("torch.") not in _OTHER_DTYPES:
        raise value_error(path, value, expected)


def _refuse_without_text(config: Mapping[str, Any]) -> None:
    model_type = config.get("model_type")
    if model_type in _types_without_text():
        message = f"{model_type} is a model without a vocabulary (for pictures, sound or the like)."
        if model_type == "bark":  # it reads text, but its vocabularies stand in its parts
            message = "bark makes speech out of text with three decoders and a codec, which aren't described."
        next_step = "Only language models can be calculated, alone or as a part of a multimodal model."
        raise ConfigError("UNSUPPORTED", message, next_step=next_step, field="model_type")


@cache
def _types_without_text() -> frozenset[str]:
    return frozenset(load_table("defaults")["without_text"])


def _check_values(config: Mapping[str, Any], known: Declaration | None, prefix: str) -> None:
    """Types and ranges of the fields that are given, here and in the sub-configs."""
    check_names(config, known, prefix)
    aliases, parts, kinds = (known.aliases, known.parts, known.kinds) if known else ({}, {}, _kinds_of_unknown())
    for name, value in config.items():
        field = aliases.get(name, name)
        if value is None and field in _LATENT and config.get("use_mla") is False:
            continue  # a variant of DeepSeek-V2 without latent attention
        if name in kinds:
            check_value(prefix + name, field, value, kinds[name])
        elif known is not None and name in _SIZES_ANYWHERE:
            check_value(prefix + name, name, value, _A_NUMBER)
        elif field in parts or name in _OBJECTS or (known is None and _is_part(name, value)):
            _check_part(prefix, name, value, parts.get(field))


def _is_part(name: str, value: Any) -> bool:
    return isinstance(value, dict) and name.endswith("_config")


def _check_part(prefix: str, name: str, value: Any, part: Part | None) -> None:
    if value is not None and not isinstance(value, dict):
        raise type_error(prefix + name, value, "an object")
    if value is not None and name != "quantization_config":
        _check_identity(value, f"{prefix}{name}.")
        _check_values(value, declaration_in(part, value) if part else declaration_of(value), f"{prefix}{name}.")


@cache
def _kinds_of_unknown() -> dict[str, str]:
    """The same of a class that isn't known: only the names of sizes mean something, and some list one a layer."""
    usual: dict[str, str] = load_table("defaults")["kinds"]["*"]
    sizes = {name: f"{letters}fln" for name, letters in usual.items() if "i" in letters}
    return {**sizes, **dict.fromkeys(_MAIN_SIZES, "in"), **dict.fromkeys(_LISTS, "ln")}


def _check_agreement(fields: Mapping[str, Any], prefix: str) -> None:
    check_level(fields, prefix)
    if dict not in map(type, fields.values()):
        return
    for name, value in fields.items():
        if type(value) is dict and (name in _OBJECTS or _is_part(name, value) or "model_type" in value):
            _check_agreement(value, f"{prefix}{name}.")
