"""GLM 4 and 4.5: fused or biased projections, up to four norms a layer, experts, latent attention in two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import latent_moe_decoder
from budsim_widgets.architectures.blocks.glm import glm_moe_decoder
from budsim_widgets.architectures.blocks.indexed_attention import indexed_moe_decoder, indexer_types
from budsim_widgets.architectures.blocks.layers import fused_gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, sparse_layers
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_routed_layers
from budsim_widgets.architectures.parts import repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("glm", "GlmForCausalLM")
def glm(c: Config) -> Module:
    """Llama with biased queries, keys and values and a fused feed-forward block."""
    return causal_lm(c, repeat(c.num_hidden_layers, _dense_layer(c)), norm=rms_norm(c.hidden_size))


@family("glm4", "Glm4ForCausalLM")
def glm4(c: Config) -> Module:
    """Norms before and after each block."""
    norm = rms_norm(c.hidden_size)
    layer = _dense_layer(c, post_self_attn_layernorm=norm, post_mlp_layernorm=norm)
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=norm)


@family("glm4_moe", "Glm4MoeForCausalLM", extras=appended_routed_layers)
def glm4_moe(c: Config) -> Module:
    """DeepSeek's experts behind grouped queries."""
    return glm_moe_decoder(c)


def _dense_layer(c: Config, **norms: Module) -> Module:
    return pre_norm_layer(
        c.hidden_size,
        self_attention(c, bias=c.attention_bias, out_bias=False),
        fused_gated_mlp(c.hidden_size, c.intermediate_size),
        **norms,
    )


@family("glm4_moe_lite", "Glm4MoeLiteForCausalLM", extras=appended_routed_layers)
def glm4_moe_lite(c: Config) -> Module:
    """DeepSeek V3 with its first layer dense, whatever `first_k_dense_replace` says."""
    return latent_moe_decoder(c, sparse_layers(c, dense=1))


@family("glm_moe_dsa", "GlmMoeDsaForCausalLM", extras=appended_routed_layers)
def glm_moe_dsa(c: Config) -> Module:
    """Some layers attend to the tokens that the indexer of an earlier one picked."""
    return indexed_moe_decoder(c, indexer_types(c))
