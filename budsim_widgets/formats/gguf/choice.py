"""Which type llama-quantize gives each tensor: the rules of `llama_tensor_get_type_impl` in llama-quant.cpp.

Source: src/llama-quant.cpp of github.com/ggml-org/llama.cpp (0c1e57098), with and without an importance matrix.
Compared with its own dry run for 22 models and 28 file types, without one: all 616 totals are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from budsim_widgets.formats.gguf.types import TENSOR_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

Category: TypeAlias = Literal["output", "token_embd", "value", "key", "query", "attn_output", "gate", "up", "down", "-"]
"""What the rules ask of a tensor; `value` is also a fused projection that contains the values, `-` all others."""

_CATEGORIES: Final[tuple[tuple[str, Category], ...]] = (
    ("attn_qkv.weight", "value"),
    ("attn_kv_b.weight", "value"),
    ("attn_v.weight", "value"),
    ("attn_k.weight", "key"),
    ("attn_q.weight", "query"),
    ("attn_output.weight", "attn_output"),
    ("ffn_up", "up"),
    ("ffn_gate", "gate"),
    ("ffn_down", "down"),
)
_WHOLE_NAMES: Final[dict[str, Category]] = {
    "output.weight": "output",
    "token_embd.weight": "token_embd",
    "per_layer_token_embd.weight": "token_embd",
}

_KEPT: Final = (
    *("_norm.weight", "ffn_gate_inp.weight", "altup", "laurel", "per_layer_model_proj", "ssm_conv1d"),
    *("shortconv.conv.weight", "indexer.k_proj.weight", "indexer.q_proj.weight", "attn_rel_b.weight"),
    *("position_embd.weight", "token_types.weight"),
)
"""In names of tensors that are never quantized."""

_FALLBACKS: Final[dict[str, str]] = {
    **dict.fromkeys(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_XS"), "IQ4_NL"),
    **dict.fromkeys(("Q2_K", "Q3_K", "TQ1_0", "TQ2_0"), "Q4_0"),
    "Q4_K": "Q5_0",
    "Q5_K": "Q5_1",
    "Q6_K": "Q8_0",
}
"""Type → what stands in its place where a row isn't made of whole blocks."""

_SMALLEST: Final = frozenset({"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M"})
_Q5_OUTPUT: Final = _SMALLEST | {"IQ3_XXS"}
_EMBEDDINGS: Final[dict[str, str]] = {
    **dict.fromkeys(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS"), "Q2_K"),
    **dict.fromkeys(("IQ2_S", "IQ2_M", "IQ3_XXS"), "IQ3_S"),
    **dict.fromkeys(("TQ1_0", "TQ2_0"), "Q4_K"),
}
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
_GROUPED: Final = 4
_MATRIX: Final = 2
_EIGHT_EXPERTS: Final = 8


_BY_PLACE: Final[dict[Category, frozenset[str]]] = {
    "value": frozenset({"Q3_K_M", "Q4_K_M", "Q5_K_M", "Q4_K_S"}),
    "down": frozenset({*_FIRST_DOWNS, *_FIRST_DOWNS_BY_IMPORTANCE, "Q3_K_M", "Q4_K_M", "Q5_K_M"}) | _SMALLEST,
    "gate": frozenset({"IQ3_XS"}),
    "up": frozenset({"IQ3_XS"}),
}
"""Category → the file types in which its type depends on the place."""


class Model(NamedTuple):
    """What the rules ask of a model.

    Attributes:
        architecture: As llama.cpp calls it.
        layers: Layers in the file.
        experts: Routed experts of a layer, or 0.
        heads_per_kv_head: Query heads that share keys and values.
        is_tied: Whether the embedding is the head, too.
        is_70b: Whether llama.cpp takes it for a 70B, whose values get more bits.
        has_importance: Whether an importance matrix is given.
    """

    architecture: str
    layers: int
    experts: int
    heads_per_kv_head: int
    is_tied: bool
    is_70b: bool
    has_importance: bool = False


class Place(NamedTuple):
    """Where a tensor stands among those of its category.

    Attributes:
        rank: Tensors of its category before it.
        number: Tensors of its category in all.
        layer: Its layer.
    """

    rank: int
    number: int
    layer: int


def category_of(name: str) -> Category:
    """The category of a tensor, by its name.

    Example:
        >>> category_of("blk.0.ffn_down_exps.weight"), category_of("blk.0.attn_k_b.weight")
        ('down', '-')
    """
    if name in _WHOLE_NAMES:
        return _WHOLE_NAMES[name]
    return next((category for part, category in _CATEGORIES if part in name), "-")


def depends_on_place(file_type: str, category: Category) -> bool:
    """Whether tensors of a category have several types in files of this type."""
    return file_type in _BY_PLACE.get(category, ())


def is_quantized(name: str, shape: tuple[int, ...]) -> bool:
    """Whether a tensor is quantized at all: a matrix or a stack of them, and none of those that are kept."""
    matrices = [size for size in shape[:-1] if size > 1]
    return bool(matrices) and name.endswith("weight") and not any(part in name for part in _KEPT)


def chosen_type(  # noqa: PLR0913, PLR0917 - what the rules look at
    file_type: str, default: str, model: Model, category: Category, shape: tuple[int, ...], place: Place
) -> str:
    """The type of one tensor that is quantized.

    Args:
        file_type: A name of `FILE_TYPES` that isn't plain.
        default: Its usual type.
        model: The model.
        category: What the tensor is for.
        shape: Its shape, rows before columns, experts first.
        place: Where it stands among those of its category.

    Example:
        >>> llama_8b = Model("llama", 32, 0, 4, is_tied=False, is_70b=False)
        >>> [chosen_type("Q4_K_M", "Q4_K", llama_8b, "value", (1024, 4096), Place(i, 32, i)) for i in (0, 4, 6)]
        ['Q6_K', 'Q4_K', 'Q6_K']
    """
    return fallback(_rule(file_type, default, model, category, shape, place), shape[-1])


def fallback(tensor_type: str, columns: int) -> str:
    """The type itself, or what stands in its place where a row isn't made of whole blocks of it."""
    if columns % TENSOR_TYPES[tensor_type].block_elements == 0:
        return tensor_type
    other = _FALLBACKS.get(tensor_type, "F16")
    return other if columns % TENSOR_TYPES[other].block_elements == 0 else "F16"


def _rule(  # noqa: PLR0913, PLR0917 - what the rules look at
    file_type: str, default: str, model: Model, category: Category, shape: tuple[int, ...], place: Place
) -> str:
    if category == "output" or (model.is_tied and category == "token_embd"):
        return _output(file_type, default, model, shape[-1])
    if file_type == "MXFP4_MOE":
        return "MXFP4" if len(shape) > _MATRIX and shape[0] > 1 else "Q8_0"
    if category == "token_embd":
        return _EMBEDDINGS.get(file_type, default)
    if file_type in _SMALLEST:
        return _in_smallest(file_type, default, model, category, place)
    rule = _RULES.get(category)
    return rule(file_type, default, model, place) if rule else default


def _output(file_type: str, default: str, model: Model, columns: int) -> str:
    whole_blocks = columns % TENSOR_TYPES[default].block_elements == 0
    if file_type == "MXFP4_MOE" or model.architecture == "falcon" or not whole_blocks:
        return "Q8_0"
    if file_type in _Q5_OUTPUT:
        return "Q5_K"
    return default if default == "Q8_0" else "Q6_K"


def _in_smallest(file_type: str, default: str, model: Model, category: Category, place: Place) -> str:
    more = "IQ3_S" if file_type in {"IQ2_S", "IQ2_M"} else "Q2_K"
    has_eight = model.experts == _EIGHT_EXPERTS
    if category == "value":
        return "Q4_K" if model.heads_per_kv_head >= _GROUPED or model.experts >= _GROUPED else more
    if category == "key" and has_eight:
        return "Q4_K"
    if category == "down":
        return more if place.rank < model.layers // 8 else default
    if category == "attn_output":
        if has_eight:
            return "Q5_K"
        return {"IQ1_S": "IQ2_XXS", "IQ1_M": "IQ2_XXS", "IQ2_S": "IQ3_S", "IQ2_M": "IQ3_S"}.get(file_type, default)
    return default


def _value(file_type: str, default: str, model: Model, place: Place) -> str:
    if model.experts == _EIGHT_EXPERTS:
        return "Q8_0"
    chosen = _value_of_rank(file_type, default, place)
    if model.has_importance and file_type == "IQ3_XXS":
        chosen = default
    if model.heads_per_kv_head >= _GROUPED:
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
        if file_type == "IQ3_M" and model.experts == _EIGHT_EXPERTS:
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
    return "Q8_0" if model.experts == _EIGHT_EXPERTS else _QUERIES_AND_KEYS.get(file_type, default)


def _query(file_type: str, default: str, _: Model, __: Place) -> str:
    return _QUERIES_AND_KEYS.get(file_type, default)


def _gate_or_up(file_type: str, default: str, model: Model, place: Place) -> str:
    is_inside = model.layers // 8 <= _layer(model, place) < 7 * model.layers // 8
    return "IQ3_XXS" if file_type == "IQ3_XS" and is_inside else default


def _attn_output(file_type: str, default: str, model: Model, _: Place) -> str:
    if model.architecture == "falcon":
        return "Q4_K" if file_type == "Q3_K_L" else default
    if model.experts == _EIGHT_EXPERTS:
        return "Q5_K" if file_type in _Q5_OUTPUTS_OF_EIGHT else default
    return _OUTPUTS.get(file_type, default)


def _layer(model: Model, place: Place) -> int:
    """Of models with experts the layer in the name, since several tensors of a layer count; else the running number."""
    return place.layer if model.experts > 1 else place.rank


def _gets_more(index: int, number: int) -> bool:
    """The first and the last eighth, and every third between them."""
    return index < number // 8 or index >= 7 * number // 8 or (index - number // 8) % 3 == 2  # noqa: PLR2004


_RULES: Final[dict[Category, Callable[[str, str, Model, Place], str]]] = {
    "value": _value,
    "key": _key,
    "query": _query,
    "down": _down,
    "gate": _gate_or_up,
    "up": _gate_or_up,
    "attn_output": _attn_output,
}
"""What files but the smallest have for each category."""
