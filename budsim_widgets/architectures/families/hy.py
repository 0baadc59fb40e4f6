"""Hunyuan 3 and 4: DeepSeek's experts behind normed queries, or behind latent attention and hyper-connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.hy_v4 import hy_v4_decoder
from budsim_widgets.architectures.blocks.layers import gated_mlp, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, sparse_layers
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_routed_layers, layers_at
from budsim_widgets.architectures.parts import extended, stack
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
    return hy_v4_decoder(c)


def _hy_v3_experts(c: Config) -> Module:
    """Without shared experts, one as wide as a dense layer takes their place."""
    routed = mixture_of_experts(c.hidden_size, c.num_experts, c.num_experts_per_tok, c.moe_intermediate_size)
    shared_intermediate_size = c.moe_intermediate_size * c.num_shared_experts or c.intermediate_size
    return extended(routed, {"shared_experts": gated_mlp(c.hidden_size, shared_intermediate_size, bias=c.mlp_bias)})
