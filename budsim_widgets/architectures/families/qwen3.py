"""Qwen 3: Llama with normed queries and keys, dense or with experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.blocks.qwen import windowed_layer_types
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen3", "Qwen3ForCausalLM")
def qwen3(c: Config) -> Module:
    """Windows as in Qwen 2."""

    def layer(layer_type: str) -> Module:
        return pre_norm_layer(
            c.hidden_size, _normed_attention(c, window_of(c, layer_type)), gated_mlp(c.hidden_size, c.intermediate_size)
        )

    return causal_lm(c, stack(windowed_layer_types(c), layer), norm=rms_norm(c.hidden_size))


@family("qwen3_moe", "Qwen3MoeForCausalLM")
def qwen3_moe(c: Config) -> Module:
    """Each `decoder_sparse_step`-th layer has experts, but for `mlp_only_layers`; a window holds for all layers."""
    hidden_size = c.hidden_size
    window = c.get("sliding_window") if c.get("use_sliding_window") else None

    def layer(*, sparse: bool) -> Module:
        feed_forward = (
            module(
                gate=router(c.num_experts, hidden_size),
                experts=experts(c.num_experts, c.num_experts_per_tok, hidden_size, c.moe_intermediate_size),
            )
            if sparse
            else gated_mlp(hidden_size, c.intermediate_size)
        )
        return pre_norm_layer(hidden_size, _normed_attention(c, window), feed_forward)

    dense = c.get("mlp_only_layers", ())
    sparse = (
        index not in dense and c.num_experts > 0 and (index + 1) % c.decoder_sparse_step == 0
        for index in range(c.num_hidden_layers)
    )
    return causal_lm(c, stack(sparse, lambda is_sparse: layer(sparse=is_sparse)), norm=rms_norm(hidden_size))


def _normed_attention(c: Config, window: int | None) -> Module:
    return self_attention(c, bias=c.attention_bias, window=window, qk_norm=rms_norm(c.head_dim))
