"""Further families whose code lies beside their weights on the Hub: ChatGLM, the first DeepSeek MoE, Phi-3-vision.

Confirmed by the totals that their model pages publish: ChatGLM3-6B 6,243,584,000; glm-4-9b-chat 9,399,951,360;
deepseek-moe-16b-base 16,375,728,128; Phi-3-vision-128k-instruct 4,146,621,440.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
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
    is_sparse = [
        index >= c.first_k_dense_replace and index % c.get("moe_layer_freq", 1) == 0
        for index in range(c.num_hidden_layers)
    ]
    layers = stack(
        is_sparse, lambda has_experts: pre_norm_layer(hidden_size, self_attn, sparse if has_experts else dense)
    )
    return causal_lm(c, layers, norm=rms_norm(hidden_size))
