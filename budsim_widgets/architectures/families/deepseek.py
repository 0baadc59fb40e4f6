"""DeepSeek MoE (16B: 16,375,728,128 parameters, as its page says), V2, V3 and V3.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import deepseek_decoder
from budsim_widgets.architectures.blocks.indexed_attention import indexed_moe_decoder
from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_routed_layers
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("deepseek", "DeepseekForCausalLM")
def deepseek_moe(c: Config) -> Module:
    """Llama's attention, dense layers first, then shared and routed experts."""
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size
    self_attn = self_attention(c, bias=c.get("attention_bias", False))
    sparse = module(
        experts=experts(c.n_routed_experts, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
        gate=router(c.n_routed_experts, hidden_size),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.n_shared_experts)
        if c.get("n_shared_experts", 0)
        else None,
    )
    dense = gated_mlp(hidden_size, c.intermediate_size)
    first, every = c.first_k_dense_replace, c.get("moe_layer_freq", 1)
    is_sparse = [index >= first and index % every == 0 for index in range(c.num_hidden_layers)]
    layers = stack(
        is_sparse, lambda has_experts: pre_norm_layer(hidden_size, self_attn, sparse if has_experts else dense)
    )
    return causal_lm(c, layers, norm=rms_norm(hidden_size))


@family("deepseek_v2", "DeepseekV2ForCausalLM")
@family("deepseek_v3", "DeepseekV3ForCausalLM", extras=appended_routed_layers)
def deepseek(c: Config) -> Module:
    """671B: 61 layers, 3 of them dense, then 256 routed experts of which a token uses 8, and one shared."""
    return deepseek_decoder(c)


@family("deepseek_v32", "DeepseekV32ForCausalLM", extras=appended_routed_layers)
def deepseek_v32(c: Config) -> Module:
    """DeepSeek V3 with an indexer in every layer."""
    return indexed_moe_decoder(c, ["full"] * c.num_hidden_layers)
