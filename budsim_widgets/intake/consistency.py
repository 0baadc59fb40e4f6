"""Whether the fields of a config agree with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.bounds import bounds_of
from budsim_widgets.intake.common_names import COMMON_NAMES
from budsim_widgets.intake.defaults import declaration_of
from budsim_widgets.intake.field_values import range_error, show_path, type_error, value_error
from budsim_widgets.intake.wording import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.intake.defaults import Declaration

_HEAD_SIZES: Final = ("d_kv", "d_head", "kv_channels", "attention_head_size")
_EXPERTS: Final = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
_CHOSEN_EXPERTS: Final = (
    "num_experts_per_tok",
    "num_experts_per_token",
    "moe_topk",
    "moe_k",
    "top_k_experts",
    "moe_top_k",
)
_EXTRA_LAYERS: Final = ("num_nextn_predict_layers", "num_mtp_layers")

_LAYERS_FROM_LIST: Final = frozenset({"nemotron_h"})
"""Types whose list of layers decides how many there are."""

_LONGER_LISTS: Final = frozenset({"deepseek_v4"})
"""Types whose published lists go on beyond the last layer; transformers cuts them."""

_KINDS_BESIDE: Final = {"dory": frozenset({"mlp"})}
"""Kinds that the published lists of a type hold besides; its class takes them out before it looks at the others."""

_LAYER_TYPES: Final = {
    "layer_types": frozenset(
        (
            *("full_attention", "sliding_attention", "chunked_attention", "window_attention", "indexed_attention"),
            *(
                "compressed_sparse_attention",
                "heavily_compressed_attention",
                "minimax_m3_sparse",
                "conv",
                "moe",
                "hybrid",
            ),
            *("hybrid_sliding", "reference_sliding_attention", "linear_attention"),
            # Names of earlier versions, which transformers brings up to date.
            *("mamba", "attention", "deepseek_sparse_attention", "qwen_sparse_attention"),
        )
    ),
    "mlp_layer_types": frozenset(("sparse", "dense", "moe", "hash_moe")),
}
"""Kinds of layers. Source: `validate_layer_type` of transformers 5.24, and `DeepseekV4Config`."""

_COMPARED_NAMES: Final = frozenset(("num_key_value_heads", *COMMON_NAMES, *_EXPERTS, *_CHOSEN_EXPERTS))
_SYNONYMS: Final = (("hidden_size", "n_embd", "d_model"), ("num_hidden_layers", "n_layer", "n_layers"))


def check_names(config: Mapping[str, Any], known: Declaration | None, prefix: str) -> None:
    """Check that a field which stands there under two names has one value.

    Raises:
        ConfigError: INCONSISTENT.
    """
    pairs = list(known.aliases.items()) if known else [(name, names[0]) for names in _SYNONYMS for name in names[1:]]
    for alias, name in pairs:
        first, second = config.get(alias), config.get(name)
        if first is None or second is None or first == second:
            continue
        if not _COMPARED_NAMES.isdisjoint((alias, name)):
            raise _inconsistent(
                prefix + alias,
                f"{show_path(prefix + alias)} is {show(first)} and {show_path(prefix + name)} is {show(second)}, "
                "but they are two names of one field",
            )


def check_level(fields: Mapping[str, Any], prefix: str) -> None:
    """Check one config, or one sub-config, whose fields are filled in and have the right types.

    Raises:
        ConfigError: INCONSISTENT.
    """
    heads = _size(fields, *COMMON_NAMES["num_attention_heads"])
    if heads:
        _check_zero_head_dim(fields, prefix)
        _check_head_size(fields, heads, prefix)
        _check_key_value_heads(fields, heads, prefix)
    _check_layer_types(fields, prefix)
    _check_layer_lists(fields, prefix)
    _check_experts(fields, prefix)
    _check_attention_types(fields, prefix)


def _check_head_size(fields: Mapping[str, Any], heads: int, prefix: str) -> None:
    hidden = _size(fields, *COMMON_NAMES["hidden_size"])
    # A vision tower may split another width than its `hidden_size`; a text model doesn't.
    if not hidden or "vocab_size" not in fields or hidden % heads == 0 or _has_head_size(fields) or _rounds(fields):
        return
    message = f"{prefix}hidden_size {hidden:,} can't be divided by {heads:,} attention heads, and there is no head_dim"
    raise _inconsistent(f"{prefix}hidden_size", message)


def _check_zero_head_dim(fields: Mapping[str, Any], prefix: str) -> None:
    """That a head has elements; one class (glm5_next) declares 0 for heads of two other sizes."""
    if fields.get("head_dim") != 0 or _size(fields, "head_dim") is None:
        return
    known = declaration_of(fields)
    if known is None or known.defaults.get("head_dim") != 0:
        raise range_error(f"{prefix}head_dim", "0", f"a whole number {bounds_of('num_attention_heads')}")


def _has_head_size(fields: Mapping[str, Any]) -> bool:
    """Whether the size of a head is given, or follows from something else than the hidden size."""
    if fields.get("head_dim") is not None:
        return True
    return any(name in _HEAD_SIZES or ("head_dim" in name and name != "head_dim") for name in fields)


def _rounds(fields: Mapping[str, Any]) -> bool:
    """Whether the class rounds the size of a head down: with some (glm4_moe), the defaults can't be divided."""
    known = declaration_of(fields)
    hidden, heads = (known.defaults.get(name) if known else None for name in ("hidden_size", "num_attention_heads"))
    return isinstance(hidden, int) and isinstance(heads, int) and hidden % heads != 0


def _check_key_value_heads(fields: Mapping[str, Any], heads: int, prefix: str) -> None:
    name = "num_kv_heads" if fields.get("new_decoder_architecture") else "num_key_value_heads"
    kv_heads = _size(fields, name)
    if kv_heads and kv_heads > heads:
        message = f"{prefix}{name} is {kv_heads:,}, more than the {heads:,} attention heads"
        raise _inconsistent(prefix + name, message)
    if kv_heads and heads % kv_heads:
        message = f"{heads:,} attention heads can't be shared out among {kv_heads:,} key-value heads ({prefix}{name})"
        raise _inconsistent(prefix + name, message)


def _check_layer_lists(fields: Mapping[str, Any], prefix: str) -> None:
    for name in ("layer_types", "mlp_layer_types", "intermediate_size"):
        items = fields.get(name)
        if not isinstance(items, list):
            continue
        layers, model_type = _size(fields, *COMMON_NAMES["num_hidden_layers"]), fields.get("model_type")
        if len(items) == layers:
            continue
        if not layers or model_type in _LAYERS_FROM_LIST:
            return
        extra = sum(_size(fields, count) or 0 for count in _EXTRA_LAYERS)
        may_be_longer = name == "mlp_layer_types" or model_type in _LONGER_LISTS or len(items) == layers + extra
        if len(items) < layers or not may_be_longer:
            message = f"{prefix}{name} lists {len(items):,} layers, but there are {layers:,}"
            raise _inconsistent(prefix + name, message)


def _check_layer_types(fields: Mapping[str, Any], prefix: str) -> None:
    """That layers are of kinds which transformers has; other libraries' models have kinds of their own."""
    for name, usual in _LAYER_TYPES.items():
        items = fields.get(name)
        if items is None:
            continue
        if declaration_of(fields) is None or fields.get("model_type") in _LAYERS_FROM_LIST:
            return
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise type_error(f"{prefix}{name}", items, "a list with the kind of each layer")
        allowed = usual | _KINDS_BESIDE.get(str(fields.get("model_type")), frozenset())
        unknown = [item for item in items if item not in allowed]
        if unknown:
            raise value_error(f"{prefix}{name}", unknown[0], f"kinds of layers: {', '.join(sorted(allowed))}")


def _check_experts(fields: Mapping[str, Any], prefix: str) -> None:
    experts = _size(fields, *_EXPERTS)
    # Configs of dense siblings keep the number of chosen experts beside 0 or 1 expert.
    chosen = _size(fields, *_CHOSEN_EXPERTS) if experts and experts > 1 else None
    if experts and chosen and experts < chosen:
        name = next(name for name in _CHOSEN_EXPERTS if _size(fields, name))
        message = f"{prefix}{name} is {chosen:,}, but there are {experts:,} experts"
        raise _inconsistent(prefix + name, message)


def _check_attention_types(fields: Mapping[str, Any], prefix: str) -> None:
    """GPT-Neo's `[[["global", "local"], 12]]`: kinds of layers, and how often they repeat."""
    groups = fields.get("attention_types")
    if not isinstance(groups, list):
        return
    name = f"{prefix}attention_types"
    layers = 0
    for group in groups:
        match group:
            case [list(kinds), int(times)]:
                layers += len(kinds) * times
            case _:
                raise type_error(name, group, 'a list such as [[["global", "local"], 12]]')
    expected = _size(fields, *COMMON_NAMES["num_hidden_layers"])
    if expected and layers != expected:
        raise _inconsistent(name, f"{name} lists {layers:,} layers, but there are {expected:,}")


def _size(fields: Mapping[str, Any], *names: str) -> int | None:
    """The first of these fields that holds a whole number."""
    for name in names:
        value = fields.get(name)
        if type(value) is int:
            return value
    return None


def _inconsistent(field: str, message: str) -> ConfigError:
    next_step = "Compare both with the published config.json; one of them was changed or belongs to another model."
    return ConfigError("INCONSISTENT", f"{message}.", next_step=next_step, field=field)
