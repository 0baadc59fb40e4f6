"""DeepSeek V2 and V3 and those built like them: latent attention, dense layers first, then experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import latent_attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, sparse_layers
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_routed_layers
from budsim_widgets.architectures.parts import extended, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("deepseek_v2", "DeepseekV2ForCausalLM")
@family("deepseek_v3", "DeepseekV3ForCausalLM", extras=appended_routed_layers)
@family("kimi_k2", "DeepseekV3ForCausalLM", extras=appended_routed_layers)
@family("mistral4", "Mistral4ForCausalLM")
def deepseek(c: Config) -> Module:
    """671B: 61 layers, 3 of them dense, then 256 routed experts of which a token uses 8, and one shared."""
    return _model(c, [index >= c.first_k_dense_replace for index in range(c.num_hidden_layers)])


@family("glm4_moe_lite", "Glm4MoeLiteForCausalLM", extras=appended_routed_layers)
def glm4_moe_lite(c: Config) -> Module:
    """DeepSeek V3 with its first layer dense, whatever `first_k_dense_replace` says."""
    return _model(c, sparse_layers(c, dense=1))


@family("axk1", "AXK1ForCausalLM", extras=appended_routed_layers)
def axk1(c: Config) -> Module:
    """DeepSeek V3 with a norm behind its experts."""
    return _model(c, axk_sparse_layers(c), post_mlp_layernorm=rms_norm(c.hidden_size))


@family("youtu", "YoutuForCausalLM")
def youtu(c: Config) -> Module:
    """DeepSeek V3 without experts."""
    layer = pre_norm_layer(c.hidden_size, mla(c), gated_mlp(c.hidden_size, c.intermediate_size))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


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


def axk_sparse_layers(c: Config) -> list[bool]:
    """Which layers of A.X have experts: behind the first dense ones, each `moe_layer_freq`-th."""
    if "mlp_layer_types" in c:
        return sparse_layers(c, dense=0)
    dense, every = c.get("first_k_dense_replace", 1), c.get("moe_layer_freq", 1)
    return [index >= dense and index % every == 0 for index in range(c.num_hidden_layers)]


def _model(c: Config, sparse: list[bool], **more: Part) -> Module:
    def layer(is_sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        return pre_norm_layer(
            c.hidden_size, mla(c), deepseek_experts(c, **more) if is_sparse else _mlp(c, c.intermediate_size)
        )

    return causal_lm(c, stack(sparse, layer), norm=rms_norm(c.hidden_size))
