"""GLM with a vision tower: GLM-4.1V, 4.5V and 4.6V, dense or with experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.glm_vision import glm4_text_decoder, glm_downsample, glm_merger, glm_patches
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import experts_from, pre_norm_layer
from budsim_widgets.architectures.blocks.vision import (
    headless_decoder,
    is_tied_at_either,
    is_tied_at_top,
    multimodal_model,
    num_patches,
)
from budsim_widgets.architectures.parts import module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("glm4v", "Glm4vForConditionalGeneration", kind="multimodal")
@family("glm4v_moe", "Glm4vMoeForConditionalGeneration", kind="multimodal")
def glm4v(c: Config) -> Module:
    """Either level of the config ties the head."""
    return multimodal_model(c, tied=is_tied_at_either(c), visual=part_of(c.vision_config))


@family("glm46v", "Glm46VForConditionalGeneration", kind="multimodal")
@family("glmga", "Glm46VForConditionalGeneration", kind="multimodal")
def glm46v(c: Config) -> Module:
    """The top level alone ties the head; the parts may be dense or have experts."""
    return multimodal_model(c, tied=is_tied_at_top(c), visual=part_of(c.vision_config))


@family("glm4v_text", "Glm4vTextModel")
def glm4v_text(c: Config) -> Module:
    """GLM 4."""
    return glm4_text_decoder(c)


@family("glm4v_moe_text", "Glm4vMoeTextModel")
def glm4v_moe_text(c: Config) -> Module:
    """GLM 4.5: the first layers are dense, the others have experts."""
    hidden_size = c.hidden_size
    self_attn = attention(
        hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, bias=c.attention_bias, out_bias=False
    )

    def layer(is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return pre_norm_layer(
            hidden_size, self_attn, _experts(c) if is_sparse else gated_mlp(hidden_size, c.intermediate_size)
        )

    sparse = experts_from(c, c.first_k_dense_replace)
    return headless_decoder(c, stack(sparse, layer))


def _experts(c: Config) -> Module:
    moe_intermediate_size = c.moe_intermediate_size
    return mixture_of_experts(
        c.hidden_size,
        c.n_routed_experts,
        c.num_experts_per_tok,
        moe_intermediate_size,
        shared_intermediate_size=moe_intermediate_size * c.n_shared_experts,
    )


@family("glm4v_vision", "Glm4vVisionModel")
@family("glm4v_moe_vision", "Glm4vMoeVisionModel")
def glm4v_vision(c: Config) -> Module:
    """Learned positions; the feed-forward blocks are as wide as the text, the merger as wide as `intermediate_size`."""
    hidden_size, out = c.hidden_size, c.out_hidden_size
    block = module(
        norm1=rms_norm(hidden_size),
        norm2=rms_norm(hidden_size),
        attn=module(
            qkv=linear(hidden_size, 3 * hidden_size, bias=c.attention_bias), proj=linear(hidden_size, hidden_size)
        ),
        mlp=gated_mlp(hidden_size, out),
    )
    return module(
        embeddings=module(position_embedding=embedding(num_patches(c), hidden_size)),
        patch_embed=glm_patches(c),
        blocks=repeat(c.depth, block),
        merger=glm_merger(out, c.intermediate_size),
        post_conv_layernorm=rms_norm(hidden_size),
        downsample=glm_downsample(c),
        post_layernorm=rms_norm(hidden_size),
    )
