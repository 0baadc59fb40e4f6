"""What a GGUF file holds beyond a model's own tensors: prediction layers, shared keys once more, rope factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures.cache import AttentionCache
from budsim_widgets.formats.gguf.rows import text_config
from budsim_widgets.formats.gguf.typed import Tensors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture


def predicting_layers(config: Mapping[str, Any]) -> int:
    """Layers for multi-token prediction that a config declares."""
    text = text_config(config)
    given = (text.get(name) for name in ("num_nextn_predict_layers", "mtp_num_hidden_layers"))
    return next((number for number in given if type(number) is int), 0)


def with_prediction(tensors: tuple[Tensors, ...], number: int, *, has_tables: bool) -> Iterator[Tensors]:
    """The tensors with layers for multi-token prediction behind them: each as the last, and what joins its inputs.

    Args:
        tensors: Those of the model itself.
        number: How many layers.
        has_tables: Whether each brings an embedding and a head of its own.
    """
    last = max((layer for some in tensors for layer in some.layers), default=-1)
    added = tuple(range(last + 1, last + 1 + number))
    for some in tensors:
        yield some._replace(layers=some.layers + added) if last in some.layers else some
    rows, size = next(some.shape for some in tensors if some.name == "token_embd.weight")
    yield Tensors("blk.*.nextn.eh_proj.weight", (size, 2 * size), "linear", added)
    for name in ("enorm", "hnorm", "shared_head_norm"):
        yield Tensors(f"blk.*.nextn.{name}.weight", (size,), "norm", added)
    for table in ("embed_tokens", "shared_head_head") if has_tables else ():
        yield Tensors(f"blk.*.nextn.{table}.weight", (rows, size), "linear", added)


def with_shared_keys(found: list[Tensors]) -> Iterator[Tensors]:
    """The tensors with keys and values in every layer, though some use those of an earlier one."""
    layers = {layer for some in found if some.name == "blk.*.attn_q.weight" for layer in some.layers}
    missing = {
        name: layers - {layer for some in found if some.name == name for layer in some.layers}
        for name in ("blk.*.attn_k.weight", "blk.*.attn_v.weight", "blk.*.attn_k_norm.weight")
    }
    for some in found:
        added = missing.pop(some.name, set())
        yield some._replace(layers=tuple(sorted({*some.layers, *added})))


def with_hash_layers(found: list[Tensors], text: Mapping[str, Any]) -> Iterator[Tensors]:
    """The tensors with what chooses experts: a table of tokens in the first layers, a bias in the others.

    Transformers holds both as buffers.
    """
    kinds = text.get("mlp_layer_types")
    listed = kinds.count("hash_moe") if isinstance(kinds, list) else 0
    number, used = text.get("num_hash_layers", listed), text.get("num_experts_per_tok")
    number = number if type(number) is int else listed
    rows = next((some.shape[0] for some in found if some.name == "token_embd.weight"), 0)
    for some in found:
        yield some
        if some.name != "blk.*.ffn_gate_inp.weight":
            continue
        hashed = tuple(layer for layer in some.layers if layer < number)
        others = tuple(layer for layer in some.layers if layer >= number)
        if hashed and type(used) is int:
            yield Tensors("blk.*.ffn_gate_tid2eid.weight", (rows, used), "other", hashed)
        if others:
            yield Tensors("blk.*.exp_probs_b.bias", some.shape[:1], "bias", others)


def with_one_vocabulary(found: list[Tensors]) -> Iterator[Tensors]:
    """The tensors with as many rows in each embedding as in the largest."""
    names = ("token_embd.weight", "per_layer_token_embd.weight")
    rows = max((some.shape[0] for some in found if some.name in names), default=0)
    for some in found:
        yield some._replace(shape=(rows, *some.shape[1:])) if some.name in names else some


def rope_factors(architecture: Architecture, *, always: bool) -> Iterator[Tensors]:
    """Factors by which positions are scaled, which a file holds where the config computes them.

    Args:
        architecture: The model.
        always: Whether files of this architecture hold them whatever the config says.
    """
    text = text_config(architecture.config)
    rope = text.get("rope_scaling") or text.get("rope_parameters") or {}
    kind = (rope.get("rope_type") or rope.get("type")) if isinstance(rope, dict) else None
    heads = text.get("num_attention_heads") or 1
    head_dim = text.get("head_dim") or int(text.get("hidden_size") or 0) // heads
    if kind == "llama3" or always:
        caches = (cache for cache, _ in architecture.layer_caches if isinstance(cache, AttentionCache))
        head_dim = max((cache.key_head_dim for cache in caches), default=head_dim)
        yield Tensors("rope_freqs.weight", (head_dim // 2,), "other")
    elif kind in {"longrope", "su"} and isinstance(rope.get("long_factor"), list):
        for name in ("rope_factors_long.weight", "rope_factors_short.weight"):
            yield Tensors(name, (len(rope["long_factor"]),), "other")
