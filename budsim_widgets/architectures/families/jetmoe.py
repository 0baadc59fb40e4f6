"""JetMoe: experts in attention too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import linear, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("jetmoe", "JetMoeForCausalLM")
def jetmoe(c: Config) -> Module:
    """Queries and outputs of attention are experts too; a token's experts share its keys."""
    hidden_size, kv_size = c.hidden_size, c.kv_channels * c.num_key_value_heads
    num_attention_heads = c.num_key_value_heads * c.num_experts_per_tok
    layer = module(
        input_layernorm=rms_norm(hidden_size),
        self_attention=module(
            experts=_expert_block(c, kv_size, kv_size),
            kv_proj=linear(hidden_size, 2 * kv_size),
            cache=kv_cache(num_attention_heads, c.num_key_value_heads, c.kv_channels),
        ),
        post_attention_layernorm=rms_norm(hidden_size),
        mlp=_expert_block(c, 2 * c.intermediate_size, c.intermediate_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size))


def _expert_block(c: Config, rows_in: int, columns_out: int) -> Module:
    """Two matrices an expert, one bias for all, and the router."""
    count, hidden_size = c.num_local_experts, c.hidden_size
    share = (min(c.num_experts_per_tok, count), count)
    return module(
        bias=Weight((hidden_size,), "bias"),
        input_linear=module(weight=Weight((count, rows_in, hidden_size), "experts"), active_share=share),
        output_linear=module(weight=Weight((count, hidden_size, columns_out), "experts"), active_share=share),
        router=module(layer=router(count, hidden_size)),
    )
