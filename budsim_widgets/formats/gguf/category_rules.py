"""Which type the tensors of each category get in files but the smallest: values, keys, feed-forward matrices.

Source: `llama_tensor_get_type_impl` in src/llama-quant.cpp of github.com/ggml-org/llama.cpp (0c1e57098).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.formats.gguf.rule_inputs import Category, Model, Place

SMALLEST: Final = frozenset({"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M"})
"""File types whose rules are their own."""
GROUPED: Final = 4
"""Query heads that share keys and values, from which on values get more bits."""
EIGHT_EXPERTS: Final = 8
"""Mixtral's number, for which there are rules of their own."""

_GROUPED_VALUES: Final[dict[str, str]] = {
    **dict.fromkeys(("Q2_K", "Q2_K_S", "IQ3_XXS", "IQ3_XS", "IQ3_S"), "Q4_K"),
    **dict.fromkeys(("IQ4_NL", "IQ4_XS"), "Q5_K"),
}
"""Values of four heads and more that share them."""
_VALUES: Final[dict[str, str]] = {"Q2_K": "Q3_K", "IQ3_XXS": "IQ3_S", "IQ3_M": "Q4_K", "Q3_K_L": "Q5_K"}
_QUERIES_AND_KEYS: Final[dict[str, str]] = {"IQ3_XS": "IQ3_XXS", "IQ3_XXS": "IQ2_S"}
_OUTPUTS: Final[dict[str, str]] = {
    "Q2_K": "Q3_K",
    "IQ3_XXS": "IQ3_S",
    "Q3_K_M": "Q4_K",
    "Q3_K_L": "Q5_K",
    "IQ3_M": "Q4_K",
}
_FIRST_DOWNS: Final[dict[str, tuple[str, str]]] = {
    "Q2_K_S": ("Q4_K", "Q2_K"),
    "IQ3_XXS": ("Q4_K", "Q3_K"),
    "IQ3_M": ("Q4_K", "IQ3_S"),
    "IQ4_NL": ("Q5_K", "IQ4_NL"),
    "IQ4_XS": ("Q5_K", "IQ4_XS"),
    "Q4_K_S": ("Q5_K", "Q4_K"),
}
"""File type → the type of ffn_down in the first eighth of the layers, and in the others."""
_FIRST_DOWNS_BY_IMPORTANCE: Final[dict[str, str]] = {"Q4_0": "Q4_1", "Q5_0": "Q5_1"}
"""With an importance matrix, what ffn_down has in the first eighth of the layers."""
_WITHOUT_IMPORTANCE: Final = frozenset({"IQ4_NL", "IQ4_XS", "IQ3_XXS"})
"""File types whose ffn_down gets more bits only where there is no importance matrix."""
IMPORTANCE_MATTERS: Final = _WITHOUT_IMPORTANCE | _FIRST_DOWNS_BY_IMPORTANCE.keys()
"""File types that llama-quantize makes otherwise where it is given an importance matrix."""
_Q5_OUTPUTS_OF_EIGHT: Final = frozenset(
    ["Q2_K", "IQ3_XS", "IQ3_XXS", "Q3_K_S", "Q3_K_M", "IQ4_NL", "Q4_K_S", "Q4_K_M", "IQ3_S", "IQ3_M", "IQ4_XS"]
)

_BY_PLACE: Final[dict[Category, frozenset[str]]] = {
    "value": frozenset({"Q3_K_M", "Q4_K_M", "Q5_K_M", "Q4_K_S"}),
    "down": frozenset({*_FIRST_DOWNS, *_FIRST_DOWNS_BY_IMPORTANCE, "Q3_K_M", "Q4_K_M", "Q5_K_M"}) | SMALLEST,
    "gate": frozenset({"IQ3_XS"}),
    "up": frozenset({"IQ3_XS"}),
}
"""Category → the file types in which its type depends on the place."""


def depends_on_place(file_type: str, category: Category) -> bool:
    """Whether tensors of a category have several types in files of this type."""
    return file_type in _BY_PLACE.get(category, ())


def _value(file_type: str, default: str, model: Model, place: Place) -> str:
    if model.experts == EIGHT_EXPERTS:
        return "Q8_0"
    chosen = _value_of_rank(file_type, default, place)
    if model.has_importance and file_type == "IQ3_XXS":
        chosen = default
    if model.heads_per_kv_head >= GROUPED:
        chosen = _GROUPED_VALUES.get(file_type, chosen)
    return "Q5_K" if model.is_70b and chosen in {"Q3_K", "Q4_K"} else chosen


def _value_of_rank(file_type: str, default: str, place: Place) -> str:
    if file_type == "Q3_K_M":
        return "Q5_K" if place.rank < 2 else "Q4_K"  # noqa: PLR2004 - the first two
    if file_type in {"Q4_K_M", "Q5_K_M"}:
        return "Q6_K" if _gets_more(place.rank, place.number) else default
    if file_type == "Q4_K_S":
        return "Q5_K" if place.rank < 4 else default  # noqa: PLR2004 - the first four
    return _VALUES.get(file_type, default)


def _down(file_type: str, default: str, model: Model, place: Place) -> str:
    layer, layers = _layer(model, place), model.layers
    if model.architecture == "falcon" and file_type in {"Q3_K_M", "Q3_K_L", "Q4_K_M", "Q4_K_S"}:
        return _down_of_falcon(file_type, layer, layers)
    if model.has_importance and file_type in IMPORTANCE_MATTERS:
        return _FIRST_DOWNS_BY_IMPORTANCE.get(file_type, default) if layer < layers // 8 else default
    if file_type in _FIRST_DOWNS:
        first, other = _FIRST_DOWNS[file_type]
        is_first = layer < layers // 8
        if file_type == "IQ3_M" and model.experts == EIGHT_EXPERTS:
            is_first = is_first or _gets_more(layer, layers)
        return first if is_first else other
    if file_type in {"Q4_K_M", "Q5_K_M"}:
        return "Q6_K" if _gets_more(layer, layers) else default
    if file_type == "Q3_K_M":
        return "Q5_K" if layer < layers // 16 else "Q4_K"
    return {"Q2_K": "Q3_K", "Q3_K_L": "Q5_K"}.get(file_type, default)


def _down_of_falcon(file_type: str, layer: int, layers: int) -> str:
    more = _gets_more(layer, layers)
    if file_type == "Q3_K_M":
        return "Q5_K" if layer < layers // 16 else "Q4_K" if more else "Q3_K"
    if file_type == "Q4_K_M":
        return "Q6_K" if layer < layers // 16 else "Q5_K" if more else "Q4_K"
    return "Q4_K"


def _key(file_type: str, default: str, model: Model, _: Place) -> str:
    return "Q8_0" if model.experts == EIGHT_EXPERTS else _QUERIES_AND_KEYS.get(file_type, default)


def _query(file_type: str, default: str, _: Model, __: Place) -> str:
    return _QUERIES_AND_KEYS.get(file_type, default)


def _gate_or_up(file_type: str, default: str, model: Model, place: Place) -> str:
    is_inside = model.layers // 8 <= _layer(model, place) < 7 * model.layers // 8
    return "IQ3_XXS" if file_type == "IQ3_XS" and is_inside else default


def _attn_output(file_type: str, default: str, model: Model, _: Place) -> str:
    if model.architecture == "falcon":
        return "Q4_K" if file_type == "Q3_K_L" else default
    if model.experts == EIGHT_EXPERTS:
        return "Q5_K" if file_type in _Q5_OUTPUTS_OF_EIGHT else default
    return _OUTPUTS.get(file_type, default)


def _layer(model: Model, place: Place) -> int:
    """Of models with experts the layer in the name, since several tensors of a layer count; else the running number."""
    return place.layer if model.experts > 1 else place.rank


def _gets_more(index: int, number: int) -> bool:
    """The first and the last eighth, and every third between them."""
    return index < number // 8 or index >= 7 * number // 8 or (index - number // 8) % 3 == 2  # noqa: PLR2004


CATEGORY_RULES: Final[dict[Category, Callable[[str, str, Model, Place], str]]] = {
    "value": _value,
    "key": _key,
    "query": _query,
    "down": _down,
    "gate": _gate_or_up,
    "up": _gate_or_up,
    "attn_output": _attn_output,
}
"""What files but the smallest have for each category."""
