"""Decoders of delta attention with latent attention in every few layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import latent_attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, head, pre_norm_layer, sparse_layers
from budsim_widgets.architectures.parts import extended, module, stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part

DELTA_HYBRID_TYPES = ("full_attention", "linear_attention")


def delta_hybrid_decoder(
    c: Config, kinds: list[str], attention: Callable[[], Module], delta_attention: Module
) -> Module:
    """A decoder of both kinds of attention, dense layers first and then experts; its head is never tied.

    Args:
        c: The config.
        kinds: `full_attention` or `linear_attention`, layer by layer.
        attention: What makes the latent attention of a full layer.
        delta_attention: The delta attention of the others.
    """
    hidden_size = c.hidden_size

    def layer(kind: str, sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        feed_forward = _experts(c) if sparse else gated_mlp(hidden_size, c.intermediate_size)
        return pre_norm_layer(hidden_size, attention() if kind == "full_attention" else delta_attention, feed_forward)

    sparse = sparse_layers(c, dense=c.get("first_k_dense_replace", 1))
    model = causal_lm(c, stack(zip(kinds, sparse, strict=True), layer), norm=rms_norm(hidden_size))
    return module({**model.children, "lm_head": head(c, tied=False)})


def delta_hybrid_latent_attention(c: Config, **more: Part) -> Module:
    """Latent attention of the config's dimensions."""
    attention = latent_attention(
        c.hidden_size,
        c.num_attention_heads,
        q_lora_rank=c.get("q_lora_rank"),
        kv_lora_rank=c.kv_lora_rank,
        qk_nope_head_dim=c.qk_nope_head_dim,
        qk_rope_head_dim=c.qk_rope_head_dim,
        v_head_dim=c.v_head_dim,
        bias=c.attention_bias,
    )
    return extended(attention, more)


def _experts(c: Config) -> Module:
    return mixture_of_experts(
        c.hidden_size,
        c.num_experts,
        c.num_experts_per_token,
        c.moe_intermediate_size,
        shared_intermediate_size=c.moe_intermediate_size * c.num_shared_experts,
    )
