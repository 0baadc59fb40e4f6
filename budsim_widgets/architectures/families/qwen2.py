"""Qwen 2 and 2.5: Llama with biased projections, dense or with experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, linear, rms_norm, router
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.blocks.qwen import windowed_layer_types
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen2", "Qwen2ForCausalLM")
def qwen2(c: Config) -> Module:
    """The window holds only with `use_sliding_window`, and from layer `max_window_layers` on."""

    def layer(layer_type: str) -> Module:
        return pre_norm_layer(
            c.hidden_size,
            self_attention(c, bias=True, out_bias=False, window=window_of(c, layer_type)),
            gated_mlp(c.hidden_size, c.intermediate_size),
        )

    return causal_lm(c, stack(windowed_layer_types(c), layer), norm=rms_norm(c.hidden_size))


@family("qwen2", "Qwen2ForRewardModel", basis="estimate", notes=unconfirmed_notes)
def qwen2_reward(c: Config) -> Module:
    """Qwen's own code: in place of the head two layers, which end in one score (or `num_labels`)."""
    hidden_size = c.hidden_size
    score = {
        "0": linear(hidden_size, hidden_size, bias=True),
        "2": linear(hidden_size, c.get("num_labels", 1), bias=True),
    }
    return module(model=qwen2(c).children["model"], score=module(score))


@family("qwen2_moe", "Qwen2MoeForCausalLM")
def qwen2_moe(c: Config) -> Module:
    """Routed experts and a gated shared one; with `use_sliding_window` every other early layer has a window."""
    hidden_size, count = c.hidden_size, c.num_hidden_layers
    windowed = c.get("use_sliding_window", False)

    def layer(layer_type: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        self_attn = self_attention(
            c, bias=c.qkv_bias, out_bias=False, window=window_of(c, layer_type) if windowed else None
        )
        sparse = module(
            gate=router(c.num_experts, hidden_size),
            experts=experts(c.num_experts, c.num_experts_per_tok, hidden_size, c.moe_intermediate_size),
            shared_expert=gated_mlp(hidden_size, c.shared_expert_intermediate_size),
            shared_expert_gate=router(1, hidden_size),
        )
        return pre_norm_layer(
            hidden_size, self_attn, sparse if is_sparse else gated_mlp(hidden_size, c.intermediate_size)
        )

    default = [
        "sliding_attention" if windowed and index % 2 == 0 and index < c.max_window_layers else "full_attention"
        for index in range(count)
    ]
    dense = c.get("mlp_only_layers", ())
    is_sparse = [
        index not in dense and c.num_experts > 0 and (index + 1) % c.decoder_sparse_step == 0 for index in range(count)
    ]
    kinds = zip(c.get("layer_types", default), is_sparse, strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))
