"""Qwen4-Exp: several streams of hidden states, linear attention, sparse attention, and tables of word groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import given_layer_types, head
from budsim_widgets.architectures.blocks.ngram_tables import FP32_PER_INTEGER, ngram_tables
from budsim_widgets.architectures.blocks.qwen_hybrid import gated_query_attention, linear_attention
from budsim_widgets.architectures.blocks.qwen_vision import qwen3_vision_tower
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model, unbuilt_towers
from budsim_widgets.architectures.cache import IndexCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_POSITION_AXES = 3
"""Where a token stands in time, height and width."""


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
    kinds, ngram_layers = _kinds(c), sorted(set(c.get("ple_layer_ids", ())))
    if any(not 0 < index <= len(kinds) or kinds[index - 1] != "linear_attention" for index in ngram_layers):
        raise inconsistent(
            "ple_layer_ids", f"`ple_layer_ids` {ngram_layers} should be layers of linear attention, from 1."
        )
    places = [ngram_layers.index(index) if index in ngram_layers else None for index in range(1, len(kinds) + 1)]
    layers = stack(zip(kinds, places, strict=True), lambda kind, place: _layer(c, kind, place))
    positions = IndexCache(index_head_dim=_POSITION_AXES * FP32_PER_INTEGER, is_fp32=True)
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
        ple=None if place is None else ngram_tables(c, place),
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
    whole, index_dim = gated_query_attention(c), c.indexer_head_dim
    indexer = module(
        index_qk_proj=linear(c.hidden_size, (c.indexer_n_heads + c.indexer_kv_heads) * index_dim),
        q_layernorm=rms_norm(index_dim),
        k_layernorm=rms_norm(index_dim),
    )
    cache = (*whole.cache, IndexCache(index_head_dim=index_dim))
    return module({**whole.children, "indexer": indexer}, cache=cache)


@family("qwen4_exp_vision", "Qwen4ExpVisionModel")
def qwen4_exp_vision(c: Config) -> Module:
    """Qwen3-VL's, without vectors for the text's first layers."""
    return qwen3_vision_tower(c)
