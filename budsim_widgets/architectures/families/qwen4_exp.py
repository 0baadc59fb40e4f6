"""Qwen4-Exp: several streams of hidden states, linear attention, sparse attention, and tables of word groups."""

from __future__ import annotations

import itertools
from functools import lru_cache
from math import isqrt
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import depthwise_conv, embedding, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import given_layer_types, head
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model, unbuilt_towers
from budsim_widgets.architectures.cache import IndexCache, StateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.families.qwen_hybrid import linear_attention
from budsim_widgets.architectures.parts import Module, module, stack
from budsim_widgets.architectures.registry import family, part_of
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_WIDTH_OF_INTEGER = 2
"""A whole number takes eight bytes, as two numbers in fp32."""
_POSITION_AXES = 3
"""Where a token stands in time, height and width."""
_MOST_ROWS = 10**8
_MOST_HASHES = 1000
"""Beyond these, looking for primes would take long; Qwen's own table has 20 million rows a hash."""
_EVEN_PRIME = 2


@family("qwen4_exp", "Qwen4ExpForConditionalGeneration", kind="multimodal")
def qwen4_exp(c: Config) -> Module:
    """The top level decides whether the head is tied."""
    return multimodal_model(c, tied=is_tied_at_top(c), visual=part_of(c.vision_config))


@family("qwen4_exp", "Qwen4ExpForCausalLM", extras=lambda c, _: unbuilt_towers(qwen4_exp(c)))
def qwen4_exp_without_vision(c: Config) -> Module:
    """The language model alone, from the config of the whole."""
    return qwen4_exp_text(c.text_config)


@family("qwen4_exp_text", "Qwen4ExpForCausalLM")
def qwen4_exp_text(c: Config) -> Module:
    """Every fourth layer picks by an indexer what it attends to; some others look up groups of words.

    The indexers' first layer keeps the tokens' positions for all.
    """
    kinds, looks_up = _kinds(c), sorted(set(c.get("ple_layer_ids", ())))
    if any(not 0 < index <= len(kinds) or kinds[index - 1] != "linear_attention" for index in looks_up):
        raise inconsistent("ple_layer_ids", f"`ple_layer_ids` {looks_up} should be layers of linear attention, from 1.")
    places = [looks_up.index(index) if index in looks_up else None for index in range(1, len(kinds) + 1)]
    layers = stack(zip(kinds, places, strict=True), lambda kind, place: _layer(c, kind, place))
    positions = IndexCache(index_head_dim=_POSITION_AXES * _WIDTH_OF_INTEGER, is_fp32=True)
    model = module(
        embed_tokens=embedding(c.vocab_size, c.hidden_size),
        layers=layers,
        hyper_connection_mixer=_mixer(c, injects=False),
        cache=positions if "indexed_attention" in kinds else None,
    )
    return module(model=model, lm_head=head(c))


def _kinds(c: Config) -> list[str]:
    given = given_layer_types(c, "linear_attention", "indexed_attention", "full_attention")
    every = c.get("full_attention_interval", 4)
    kinds = given or ["linear_attention" if (i + 1) % every else "full_attention" for i in range(c.num_hidden_layers)]
    return ["indexed_attention" if kind == "full_attention" else kind for kind in kinds]


def _layer(c: Config, kind: str, place: int | None) -> Module:
    hidden_size, mixer = c.hidden_size, _mixer(c, injects=True)
    feed_forward = mixture_of_experts(
        hidden_size,
        c.num_experts,
        c.num_experts_per_tok,
        c.moe_intermediate_size,
        shared_intermediate_size=c.shared_expert_intermediate_size,
        shared_name="shared_expert",
        shared_expert_gate=linear(hidden_size, 1),
    )
    return module(
        self_attn=_attention(c) if kind == "indexed_attention" else None,
        linear_attn=linear_attention(c) if kind == "linear_attention" else None,
        mlp=feed_forward,
        ple=None if place is None else _ngram_tables(c, place),
        attn_hyper_connection=mixer,
        mlp_hyper_connection=mixer,
    )


def _mixer(c: Config, *, injects: bool) -> Module:
    """Mixes the streams into what a block is given, and says how much of its answer each stream takes."""
    streams_size = c.hc_count * c.hidden_size
    return module(
        hc_norm=rms_norm(streams_size),
        input_mix_weight_down=linear(streams_size, c.hc_lowrank),
        input_mix_weight_up=linear(c.hc_lowrank, streams_size),
        block_inject_weight=linear(streams_size, c.hc_count) if injects else None,
    )


def _attention(c: Config) -> Module:
    """The query projection yields a gate for the output as well; the indexer keeps a key for every token."""
    hidden_size, num_attention_heads, norm, index_dim = (
        c.hidden_size,
        c.num_attention_heads,
        rms_norm(c.head_dim),
        c.indexer_head_dim,
    )
    whole = attention(
        hidden_size,
        num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=c.attention_bias,
        q_norm=norm,
        k_norm=norm,
    )
    indexer = module(
        index_qk_proj=linear(hidden_size, (c.indexer_n_heads + c.indexer_kv_heads) * index_dim),
        q_layernorm=rms_norm(index_dim),
        k_layernorm=rms_norm(index_dim),
    )
    query = linear(hidden_size, 2 * num_attention_heads * c.head_dim, bias=c.attention_bias)
    return module(
        {**whole.children, "q_proj": query, "indexer": indexer},
        cache=(*whole.cache, IndexCache(index_head_dim=index_dim)),
    )


def _ngram_tables(c: Config, place: int) -> Module:
    """Vectors of the last words together, looked up by several hashes, and convolved; it keeps the last words too."""
    hidden_size, streams_size, ple_embed_dim = (
        c.hidden_size,
        c.hc_count * c.hidden_size,
        c.get("ple_embed_dim", c.hidden_size),
    )
    kernel, longest, norm = c.ple_conv_kernel_size, c.ngram_size, rms_norm(c.hc_count * c.hidden_size)
    hashes = (longest - 1) * c.heads_per_ngram
    if hashes < 1 or ple_embed_dim % hashes:
        raise inconsistent("ple_embed_dim", f"`ple_embed_dim` {ple_embed_dim} can't be shared among {hashes} hashes.")
    return module(
        ple_embedding=module(
            ngram_embedding=embedding(_table_rows(c, place * hashes, hashes), ple_embed_dim // hashes)
        ),
        key_proj=linear(ple_embed_dim, streams_size),
        value_proj=linear(ple_embed_dim, hidden_size),
        norm_key=norm,
        norm_query=norm,
        norm_conv=norm,
        conv1d=depthwise_conv(streams_size, kernel, bias=False),
        cache=StateCache(
            conv_elements=streams_size * (kernel - 1) * longest, recurrent_elements=_WIDTH_OF_INTEGER * (longest - 1)
        ),
    )


def _table_rows(c: Config, before: int, count: int) -> int:
    """Each hash has a prime number of rows of its own, the next ones that earlier layers haven't taken."""
    base, multiple = c.ngram_vocab_size_base, int(c.make_ngram_vocab_size_divisible_by)
    if base > _MOST_ROWS or before + count > _MOST_HASHES:
        message = f"`ngram_vocab_size_base` {base} and {before + count} hashes are more than any model has."
        raise ConfigError("FIELD_RANGE", message, field="ngram_vocab_size_base")
    return -(-sum(_primes_from(base, before + count)[before:]) // multiple) * multiple


@lru_cache(maxsize=64)
def _primes_from(base: int, count: int) -> tuple[int, ...]:
    primes = (number for number in itertools.count(max(base, 2)) if _is_prime(number))
    return tuple(itertools.islice(primes, count))


def _is_prime(number: int) -> bool:
    return number == _EVEN_PRIME or (number % 2 == 1 and all(number % odd for odd in range(3, isqrt(number) + 1, 2)))
