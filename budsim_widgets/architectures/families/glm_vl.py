"""GLM that sees: GLM-4.1V, 4.5V and 4.6V, dense or with experts, and GLM-OCR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import fused_gated_mlp, gated_mlp, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer
from budsim_widgets.architectures.blocks.vision import (
    headless_decoder,
    hidden_size_per_head,
    is_tied_at_either,
    is_tied_at_top,
    multimodal_model,
)
from budsim_widgets.architectures.parts import repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("glm4v", "Glm4vForConditionalGeneration", kind="multimodal")
@family("glm4v_moe", "Glm4vMoeForConditionalGeneration", kind="multimodal")
@family("glm_ocr", "GlmOcrForConditionalGeneration", kind="multimodal")
def glm4v(c: Config) -> Module:
    """Either level of the config ties the head."""
    return multimodal_model(c, tied=is_tied_at_either(c), visual=part_of(c.vision_config))


@family("glm46v", "Glm46VForConditionalGeneration", kind="multimodal")
@family("glmga", "Glm46VForConditionalGeneration", kind="multimodal")
def glm46v(c: Config) -> Module:
    """The top level alone ties the head; the parts may be dense or have experts."""
    return multimodal_model(c, tied=is_tied_at_top(c), visual=part_of(c.vision_config))


@family("glm4v_text", "Glm4vTextModel")
@family("glm_ocr_text", "GlmOcrTextModel")
def glm4v_text(c: Config) -> Module:
    """GLM 4: norms before and behind both blocks, and the feed-forward block's two ways up in one matrix."""
    hidden_size, is_ocr = c.hidden_size, c.model_type == "glm_ocr_text"
    self_attn = attention(
        hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim if is_ocr else hidden_size_per_head(c),
        bias=not is_ocr,
        out_bias=False,
    )
    layer = pre_norm_layer(
        hidden_size,
        self_attn,
        fused_gated_mlp(hidden_size, c.intermediate_size),
        post_self_attn_layernorm=rms_norm(hidden_size),
        post_mlp_layernorm=rms_norm(hidden_size),
    )
    return headless_decoder(c, repeat(c.num_hidden_layers, layer))


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

    sparse = (index >= c.first_k_dense_replace for index in range(c.num_hidden_layers))
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
