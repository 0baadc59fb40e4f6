"""Decoders of dense layers and of layers with experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, router
from budsim_widgets.architectures.blocks.models import pre_norm_layer, sparse_layers
from budsim_widgets.architectures.blocks.vision import headless_decoder, hidden_size_per_head
from budsim_widgets.architectures.parts import module, stack

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def moe_text_decoder(c: Config) -> Module:
    """DeepSeek's experts with ordinary attention; the first layer is dense unless the config lists or counts others."""
    hidden_size, num_attention_heads, bias = c.hidden_size, c.num_attention_heads, c.get("mlp_bias", False)
    self_attn = attention(
        hidden_size,
        num_attention_heads,
        c.num_key_value_heads,
        hidden_size_per_head(c),
        bias=c.get("attention_bias", False),
    )
    moe_intermediate_size = c.moe_intermediate_size
    sparse = module(
        gate=router(c.n_routed_experts, hidden_size),
        experts=experts(c.n_routed_experts, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.n_shared_experts, bias=bias),
    )
    dense = gated_mlp(hidden_size, c.intermediate_size, bias=bias)

    def layer(is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return pre_norm_layer(hidden_size, self_attn, sparse if is_sparse else dense)

    return headless_decoder(c, stack(sparse_layers(c, dense=c.get("first_k_dense_replace", 1)), layer))


def experts_of_config(c: Config) -> Module:
    """Experts of `num_experts`, `num_experts_per_tok`, `hidden_size` and `moe_intermediate_size`."""
    return experts(c.num_experts, c.num_experts_per_tok, c.hidden_size, c.moe_intermediate_size)
