"""dots.llm1: dense layers first, then experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    experts_from,
    pre_norm_layer,
    self_attention,
    window_of,
)
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("dots1", "Dots1ForCausalLM")
def dots1(c: Config) -> Module:
    """Dense layers first, then shared and routed experts; a window from layer `max_window_layers` on."""
    hidden_size = c.hidden_size

    def layer(layer_type: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        self_attn = self_attention(
            c,
            bias=c.get("attention_bias", False),
            window=window_of(c, layer_type),
            qk_norm=rms_norm(c.head_dim),
        )
        return pre_norm_layer(
            hidden_size, self_attn, _experts(c) if is_sparse else gated_mlp(hidden_size, c.intermediate_size)
        )

    windowed_from = c.max_window_layers if "sliding_window" in c else c.num_hidden_layers
    default = [
        "sliding_attention" if index >= windowed_from else "full_attention" for index in range(c.num_hidden_layers)
    ]
    sparse = experts_from(c, c.first_k_dense_replace)
    kinds = zip(c.get("layer_types", default), sparse, strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))


def _experts(c: Config) -> Module:
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size
    return module(
        experts=experts(c.n_routed_experts, c.get("num_experts_per_tok", 1), hidden_size, moe_intermediate_size),
        gate=router(c.n_routed_experts, hidden_size),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.n_shared_experts),
    )
