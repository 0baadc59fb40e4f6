"""DeepSeek's parts, which many models use: latent attention, and experts beside shared ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import latent_attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, experts_from, pre_norm_layer
from budsim_widgets.architectures.parts import extended, stack

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


def mla(c: Config, cache: LayerCache | None = None, *, v_head_dim: int | None = None) -> Module:
    """Latent attention of the usual dimensions.

    Args:
        c: The config.
        cache: What is kept; None: the latent and the rotary key of every token.
        v_head_dim: Dimension of a value; None: as the config says.
    """
    return latent_attention(
        c.hidden_size,
        c.num_attention_heads,
        q_lora_rank=c.get("q_lora_rank"),
        kv_lora_rank=c.kv_lora_rank,
        qk_nope_head_dim=c.qk_nope_head_dim,
        qk_rope_head_dim=c.qk_rope_head_dim,
        v_head_dim=c.v_head_dim if v_head_dim is None else v_head_dim,
        bias=c.get("attention_bias", False),
        cache=cache,
    )


def deepseek_experts(c: Config, **more: Part) -> Module:
    """Routed experts, and shared ones that are one wide block."""
    whole = mixture_of_experts(
        c.hidden_size,
        c.n_routed_experts,
        c.get("num_experts_per_tok", c.n_routed_experts),
        c.moe_intermediate_size,
    )
    shared = _mlp(c, c.moe_intermediate_size * c.n_shared_experts)
    return extended(whole, {"shared_experts": shared, **more})


def _mlp(c: Config, intermediate_size: int) -> Module:
    """Only V2 heeds `mlp_bias`."""
    return gated_mlp(c.hidden_size, intermediate_size, bias=c.model_type == "deepseek_v2" and c.mlp_bias)


def deepseek_decoder(c: Config) -> Module:
    """671B: 61 layers, 3 of them dense, then 256 routed experts of which a token uses 8, and one shared."""
    return latent_moe_decoder(c, experts_from(c, c.first_k_dense_replace))


def latent_moe_decoder(c: Config, sparse: list[bool], **more: Part) -> Module:
    """A decoder of latent attention, whose layers are dense or have experts.

    Args:
        c: The config.
        sparse: Which layers have experts.
        more: Further parts of the experts' block.
    """
    hidden_size, attention = c.hidden_size, mla(c)

    def layer(is_sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        mlp = deepseek_experts(c, **more) if is_sparse else _mlp(c, c.intermediate_size)
        return pre_norm_layer(hidden_size, attention, mlp)

    return causal_lm(c, stack(sparse, layer), norm=rms_norm(hidden_size))
