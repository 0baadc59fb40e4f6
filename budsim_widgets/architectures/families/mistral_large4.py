"""Mistral Large 4: latent attention with an indexer, layers without positions, keys shared between layers, experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import deepseek_experts
from budsim_widgets.architectures.blocks.indexed_attention import indexer_types
from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer, sparse_layers
from budsim_widgets.architectures.blocks.pixtral import model_with_pixtral
from budsim_widgets.architectures.blocks.vision import headless_decoder
from budsim_widgets.architectures.cache import IndexCache, LatentCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, extended, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mistral_large4", "MistralLarge4ForConditionalGeneration", kind="multimodal")
def mistral_large4(c: Config) -> Module:
    """Pixtral's tower before the language model."""
    return model_with_pixtral(c)


@family("mistral_large4_text", "MistralLarge4TextModel")
def mistral_large4_text(c: Config) -> Module:
    """Every fourth layer has no positions; `kv_source_layers` says to which layer's latents a layer attends.

    How far apart positions are is learned, one number for each rotary frequency.
    """
    count = c.num_hidden_layers

    def layer(has_indexer: bool, is_rotary: bool, owns_latent: bool, is_sparse: bool) -> Module:  # noqa: FBT001 - kinds of layer
        self_attn = _attention(c, has_indexer=has_indexer, is_rotary=is_rotary, owns_latent=owns_latent)
        feed_forward = deepseek_experts(c) if is_sparse else gated_mlp(c.hidden_size, c.intermediate_size)
        return pre_norm_layer(c.hidden_size, self_attn, feed_forward)

    every = c.get("no_rope_layer_interval", 4)
    rotary = c.get("no_rope_layers") or [(index + 1) % every != 0 for index in range(count)]
    sources = c.get("kv_source_layers") or list(range(count))
    owned = [source in range(index + 1) and sources[source] == source for index, source in enumerate(sources)]
    if len(rotary) < count or len(sources) != count or not all(owned):
        raise inconsistent(
            "kv_source_layers", f"Each of the {count} layers must attend to its own latent or an earlier one's."
        )
    kinds = zip(
        [kind == "full" for kind in indexer_types(c)],
        map(bool, rotary),
        [source == index for index, source in enumerate(sources)],
        sparse_layers(c, dense=c.first_k_dense_replace),
        strict=False,
    )
    frequencies = module(alpha=Weight((-(-c.qk_rope_head_dim // 2),)))
    return extended(headless_decoder(c, stack(kinds, layer)), {"rotary_emb": frequencies})


def _attention(c: Config, *, has_indexer: bool, is_rotary: bool, owns_latent: bool) -> Module:
    hidden_size, num_attention_heads, rank = c.hidden_size, c.num_attention_heads, c.kv_lora_rank
    rope = c.qk_rope_head_dim if is_rotary else 0
    qk_head_dim = c.qk_nope_head_dim + c.qk_rope_head_dim
    latent = [LatentCache(kv_lora_rank=rank, rope_head_dim=rope)] if owns_latent else []
    index = [IndexCache(index_head_dim=c.index_head_dim)] if has_indexer else []
    return module(
        kv_a_proj_with_mqa=linear(hidden_size, rank + rope, bias=c.attention_bias) if owns_latent else None,
        kv_a_layernorm=rms_norm(rank) if owns_latent else None,
        kv_b_proj=linear(rank, num_attention_heads * (qk_head_dim - rope + c.v_head_dim)),
        o_proj=linear(num_attention_heads * c.v_head_dim, hidden_size, bias=c.attention_bias),
        indexer=_indexer(c) if has_indexer else None,
        q_proj=linear(hidden_size, num_attention_heads * qk_head_dim),
        softmax_scaling=_scaling(num_attention_heads),
        cache=[*latent, *index],
    )


def _indexer(c: Config) -> Module:
    hidden_size, index_n_heads, head_dim = c.hidden_size, c.index_n_heads, c.index_head_dim
    return module(
        wq_b=linear(hidden_size, index_n_heads * head_dim),
        wk=linear(hidden_size, head_dim),
        k_norm=layer_norm(head_dim),
        weights_proj=linear(hidden_size, index_n_heads),
        q_input_norm=layer_norm(hidden_size),
        softmax_scaling=_scaling(index_n_heads),
    )


def _scaling(num_attention_heads: int) -> Module:
    return module(scale=Weight((num_attention_heads,)), bias=Weight((num_attention_heads,), "bias"))
