"""Hunyuan 3 and 4: DeepSeek's experts behind normed queries, or behind latent attention and hyper-connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import deepseek_experts
from budsim_widgets.architectures.blocks.hyper_connections import hyper_head
from budsim_widgets.architectures.blocks.indexed_attention import indexed_attention, indexer_types
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    given_layer_types,
    pre_norm_layer,
    self_attention,
    sparse_layers,
)
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_routed_layers, layers_at
from budsim_widgets.architectures.parts import Weight, extended, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("hy_v3", "HYV3ForCausalLM", extras=appended_routed_layers)
def hy_v3(c: Config) -> Module:
    """The first layer is dense."""
    self_attn = self_attention(c, bias=c.attention_bias, qk_norm=rms_norm(c.head_dim))

    def layer(sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        dense = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
        return pre_norm_layer(c.hidden_size, self_attn, _hy_v3_experts(c) if sparse else dense)

    return causal_lm(c, stack(sparse_layers(c, dense=1), layer), norm=rms_norm(c.hidden_size))


@family("hy_v4", "HYV4ForCausalLM", extras=layers_at("model.mtp_layers"))
def hy_v4(c: Config) -> Module:
    """DeepSeek V3.2 with gated outputs and sinks; each fourth layer has an indexer."""
    hidden_size = c.hidden_size
    given_layer_types(c, "indexed_attention")
    indexers = indexer_types(c) if "indexer_types" in c else _default_indexers(c)

    def layer(indexer: str, sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        gate = linear(hidden_size, c.num_attention_heads * c.v_head_dim)
        self_attn = extended(
            indexed_attention(c, indexer), {"gate_proj": gate, "sinks": Weight((c.num_attention_heads,))}
        )
        feed_forward = deepseek_experts(c) if sparse else gated_mlp(hidden_size, c.intermediate_size)
        connection = _connection(c)
        return pre_norm_layer(hidden_size, self_attn, feed_forward, attn_hc=connection, ffn_hc=connection)

    kinds = zip(indexers, sparse_layers(c, dense=1), strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size), hc_head=hyper_head(c))


def _hy_v3_experts(c: Config) -> Module:
    """Without shared experts, one as wide as a dense layer takes their place."""
    routed = mixture_of_experts(c.hidden_size, c.num_experts, c.num_experts_per_tok, c.moe_intermediate_size)
    shared_intermediate_size = c.moe_intermediate_size * c.num_shared_experts or c.intermediate_size
    return extended(routed, {"shared_experts": gated_mlp(c.hidden_size, shared_intermediate_size, bias=c.mlp_bias)})


def _connection(c: Config) -> Module:
    """What mixes the `hc_mult` streams of a hyper-connection before and behind a block."""
    mixes = 2 * c.hc_mult
    return module(fn=Weight((mixes, c.hc_mult * c.hidden_size)), base=Weight((mixes,)), scale=Weight((2,)))


def _default_indexers(c: Config) -> list[str]:
    return ["shared" if index and (index - 1) % 4 else "full" for index in range(c.num_hidden_layers)]
