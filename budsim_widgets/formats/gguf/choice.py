"""Which type llama-quantize gives each tensor: the rules of `llama_tensor_get_type_impl` in llama-quant.cpp.

Source: src/llama-quant.cpp of github.com/ggml-org/llama.cpp (0c1e57098), with and without an importance matrix.
Compared with its own dry run for 22 models and 28 file types, without one: all 616 totals are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.formats.gguf.category_rules import CATEGORY_RULES, EIGHT_EXPERTS, GROUPED, SMALLEST
from budsim_widgets.formats.gguf.types import TENSOR_TYPES

if TYPE_CHECKING:
    from budsim_widgets.formats.gguf.rule_inputs import Category, Model, Place

_FALLBACKS: Final[dict[str, str]] = {
    **dict.fromkeys(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_XS"), "IQ4_NL"),
    **dict.fromkeys(("Q2_K", "Q3_K", "TQ1_0", "TQ2_0"), "Q4_0"),
    "Q4_K": "Q5_0",
    "Q5_K": "Q5_1",
    "Q6_K": "Q8_0",
}
"""Type → what stands in its place where a row isn't made of whole blocks."""

_Q5_OUTPUT: Final = SMALLEST | {"IQ3_XXS"}
_EMBEDDINGS: Final[dict[str, str]] = {
    **dict.fromkeys(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS"), "Q2_K"),
    **dict.fromkeys(("IQ2_S", "IQ2_M", "IQ3_XXS"), "IQ3_S"),
    **dict.fromkeys(("TQ1_0", "TQ2_0"), "Q4_K"),
}
_MATRIX: Final = 2


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
        >>> from budsim_widgets.formats.gguf.rule_inputs import Model, Place
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
    if file_type in SMALLEST:
        return _in_smallest(file_type, default, model, category, place)
    rule = CATEGORY_RULES.get(category)
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
    has_eight = model.experts == EIGHT_EXPERTS
    if category == "value":
        return "Q4_K" if model.heads_per_kv_head >= GROUPED or model.experts >= GROUPED else more
    if category == "key" and has_eight:
        return "Q4_K"
    if category == "down":
        return more if place.rank < model.layers // 8 else default
    if category == "attn_output":
        if has_eight:
            return "Q5_K"
        return {"IQ1_S": "IQ2_XXS", "IQ1_M": "IQ2_XXS", "IQ2_S": "IQ3_S", "IQ2_M": "IQ3_S"}.get(file_type, default)
    return default
