"""DeBERTa and its second version: attention that keeps content and position apart.

Older files write fields that the class doesn't declare (`embedding_size`, `position_buckets`, `conv_kernel_size` …);
transformers reads them all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_layer
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear
from budsim_widgets.architectures.parts import Weight, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("deberta", "DebertaForMaskedLM")
def deberta(c: Config) -> Module:
    """One matrix for queries, keys and values."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    position_kinds = _position_kinds(c) if c.get("relative_attention", False) else []
    talking = linear(num_attention_heads, num_attention_heads) if c.get("talking_head", False) else None
    self_attn: dict[str, Part | None] = {
        "in_proj": linear(hidden_size, 3 * hidden_size),
        "q_bias": Weight((hidden_size,), "bias"),
        "v_bias": Weight((hidden_size,), "bias"),
        "head_logits_proj": talking,
        "head_weights_proj": talking,
        "pos_proj": linear(hidden_size, hidden_size) if "c2p" in position_kinds else None,
        "pos_q_proj": linear(hidden_size, hidden_size, bias=True) if "p2c" in position_kinds else None,
    }
    table = embedding(2 * _max_relative_positions(c), hidden_size) if c.get("relative_attention", False) else None
    return _whole(c, module(self_attn), rel_embeddings=table)


@family("deberta-v2", "DebertaV2ForMaskedLM")
def deberta_v2(c: Config) -> Module:
    """A matrix each, positions in buckets, and by choice a convolution beside the first layer."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    all_head_size = num_attention_heads * c.get("attention_head_size", hidden_size // num_attention_heads)
    projection = linear(hidden_size, all_head_size, bias=True)
    is_relative = c.get("relative_attention", False)
    position_kinds = _position_kinds(c) if is_relative and not c.get("share_att_key", False) else []
    self_attn: dict[str, Part | None] = {
        "query_proj": projection,
        "key_proj": projection,
        "value_proj": projection,
        "pos_key_proj": projection if "c2p" in position_kinds else None,
        "pos_query_proj": projection if "p2c" in position_kinds else None,
    }
    buckets = c.get("position_buckets", -1)
    rows = 2 * (buckets if buckets > 0 else _max_relative_positions(c))
    kernel = c.get("conv_kernel_size", 0)
    norms = [name.strip() for name in c.get("norm_rel_ebd", "none").lower().split("|")]
    return _whole(
        c,
        module(self_attn),
        rel_embeddings=embedding(rows, hidden_size) if is_relative else None,
        LayerNorm=layer_norm(hidden_size) if "layer_norm" in norms else None,
        conv=module(
            conv=conv(hidden_size, hidden_size // c.get("conv_groups", 1), kernel), LayerNorm=layer_norm(hidden_size)
        )
        if kernel > 0
        else None,
    )


def _position_kinds(c: Config) -> list[str]:
    """What positions take part in: `c2p`, `p2c`, or both; a list, or written `c2p|p2c`."""
    kinds = c.get("pos_att_type", [])
    return [kind.strip() for kind in kinds.lower().split("|")] if isinstance(kinds, str) else kinds


def _max_relative_positions(c: Config) -> int:
    given = int(c.get("max_relative_positions", -1))
    return given if given >= 1 else int(c.max_position_embeddings)


def _whole(c: Config, self_attn: Module, **encoder: Part | None) -> Module:
    layer = extended_at(bert_layer(c), "attention", {"self": self_attn})
    return module(
        {
            "deberta": module(
                embeddings=_embeddings(c), encoder=module({"layer": repeat(c.num_hidden_layers, layer), **encoder})
            ),
            **_head(c),
        }
    )


def _embeddings(c: Config) -> Module:
    hidden_size, embedding_size = c.hidden_size, c.get("embedding_size", c.hidden_size)
    has_kinds, has_positions = c.get("type_vocab_size", 0) > 0, c.get("position_biased_input", True)
    return bert_embeddings(
        c,
        embedding_size=embedding_size,
        position_embeddings=embedding(c.max_position_embeddings, embedding_size) if has_positions else None,
        token_type_embeddings=embedding(c.type_vocab_size, embedding_size) if has_kinds else None,
        embed_proj=linear(embedding_size, hidden_size) if embedding_size != hidden_size else None,
        LayerNorm=layer_norm(hidden_size),
    )


def _head(c: Config) -> dict[str, Module]:
    """The head that older checkpoints have, with a decoder, or the newer one, which scores with the embedding."""
    hidden_size, embedding_size, scores = (
        c.hidden_size,
        c.get("embedding_size", c.hidden_size),
        Weight((c.vocab_size,), "bias"),
    )
    if not c.get("legacy", True):
        return {
            "lm_predictions": module(
                lm_head=module(
                    dense=linear(hidden_size, hidden_size, bias=True), LayerNorm=layer_norm(hidden_size), bias=scores
                )
            )
        }
    transform = module(dense=linear(hidden_size, embedding_size, bias=True), LayerNorm=layer_norm(embedding_size))
    decoder = None if c.tie_word_embeddings else linear(embedding_size, c.vocab_size, bias=True, role="head")
    return {"cls": module(predictions=module(bias=scores, transform=transform, decoder=decoder))}
