"""Lara Mini: linear attention, windows and full attention by turns, and experts in every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, self_attention, window_of
from budsim_widgets.architectures.blocks.qwen_hybrid import linear_attention
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from typing import Final

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_PATTERN: Final = ("linear_attention", "sliding_attention", "linear_attention", "full_attention", "sliding_attention")


@family("lara_mini", "LaraMiniForCausalLM")
def lara_mini(c: Config) -> Module:
    """Two layers of five are linear, and one of five attends to everything."""
    hidden_size, norm = c.hidden_size, rms_norm(c.hidden_size)
    feed_forward = mixture_of_experts(
        hidden_size,
        c.num_experts,
        c.num_experts_per_tok,
        c.moe_intermediate_size,
        shared_intermediate_size=c.shared_expert_intermediate_size,
        shared_name="shared_expert",
    )

    def layer(kind: str) -> Module:
        mixer = (
            {"linear_attn": linear_attention(c)}
            if kind == "linear_attention"
            else {
                "self_attn": self_attention(
                    c, bias=c.attention_bias, window=window_of(c, kind), qk_norm=rms_norm(c.head_dim)
                )
            }
        )
        return module(mixer, mlp=feed_forward, input_layernorm=norm, post_attention_layernorm=norm)

    kinds = given_layer_types(c, *sorted(set(_PATTERN))) or [
        _PATTERN[index % len(_PATTERN)] for index in range(c.num_hidden_layers)
    ]
    return causal_lm(c, stack(kinds, layer), norm=norm)
