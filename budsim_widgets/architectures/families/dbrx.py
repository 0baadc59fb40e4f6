"""DBRX: experts in flat matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import layer_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("dbrx", "DbrxForCausalLM")
def dbrx(c: Config) -> Module:
    """The experts of a layer stand below one another in three matrices."""
    d_model, n_heads, ffn = c.d_model, c.n_heads, c.ffn_config
    rows = Weight((ffn.moe_num_experts * ffn.ffn_hidden_size, d_model), "experts")
    layer = module(
        norm_attn_norm=module(
            norm_1=layer_norm(d_model, bias=False),
            attn=fused_attention(
                d_model, n_heads, c.attn_config.kv_n_heads, d_model // n_heads, names=("Wqkv", "out_proj")
            ),
            norm_2=layer_norm(d_model, bias=False),
        ),
        ffn=module(
            router=module(layer=router(ffn.moe_num_experts, d_model)),
            experts=module(
                mlp=module(w1=rows, v1=rows, w2=rows),
                active_share=(min(ffn.moe_top_k, ffn.moe_num_experts), ffn.moe_num_experts),
            ),
        ),
    )
    return causal_lm(
        c,
        repeat(c.n_layers, layer),
        norm=layer_norm(d_model, bias=False),
        base="transformer",
        embed_name="wte",
        layers_name="blocks",
        norm_name="norm_f",
    )
