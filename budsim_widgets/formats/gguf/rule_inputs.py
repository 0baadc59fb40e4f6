"""What the rules of llama-quantize ask: about the model, and about a tensor by its name and place.

Source: src/llama-quant.cpp of github.com/ggml-org/llama.cpp (0c1e57098).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

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
    *("position_embd.weight", "token_types.weight", "ffn_gate_tid2eid.weight"),
)
"""In names of tensors that are never quantized."""


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


def is_quantized(name: str, shape: tuple[int, ...]) -> bool:
    """Whether a tensor is quantized at all: a matrix or a stack of them, and none of those that are kept."""
    matrices = [size for size in shape[:-1] if size > 1]
    return bool(matrices) and name.endswith("weight") and not any(part in name for part in _KEPT)
