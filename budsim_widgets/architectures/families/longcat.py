"""LongCat Flash: two attention and feed-forward blocks a layer, experts beside them, some of which do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import mla
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("longcat_flash", "LongcatFlashForCausalLM")
def longcat_flash(c: Config) -> Module:
    """Everything but the experts stands twice in a layer, which so counts as two of `num_hidden_layers`."""
    hidden_size, num_layers = c.hidden_size, c.get("num_hidden_layers", 2 * c.num_layers) // 2
    norms = repeat(2, rms_norm(hidden_size))
    layer = module(
        mlp=_experts(c),
        self_attn=repeat(2, _attention(c)),
        mlps=repeat(2, gated_mlp(hidden_size, c.ffn_hidden_size)),
        input_layernorm=norms,
        post_attention_layernorm=norms,
    )
    return causal_lm(c, repeat(num_layers, layer), norm=rms_norm(hidden_size))


def _attention(c: Config) -> Module:
    per_head = c.get("qk_head_dim", c.qk_nope_head_dim + c.qk_rope_head_dim)
    return extended(mla(c), {"q_b_proj": linear(c.q_lora_rank, c.num_attention_heads * per_head)})


def _experts(c: Config) -> Module:
    """The router picks among real and zero experts; `gate_up_proj` has rows for both."""
    hidden_size, expert_ffn_hidden_size, count = c.hidden_size, c.expert_ffn_hidden_size, c.n_routed_experts
    num_all_experts = count + c.get("zero_expert_num", 0)
    weights = {
        "gate_up_proj": Weight((num_all_experts, 2 * expert_ffn_hidden_size, hidden_size), "experts"),
        "down_proj": Weight((count, hidden_size, expert_ffn_hidden_size), "experts"),
    }
    return module(
        experts=module(weights if count else {}, active_share=(min(c.moe_topk, num_all_experts), num_all_experts)),
        router=module(classifier=linear(hidden_size, num_all_experts, bias=c.get("router_bias", False), role="other")),
    )
