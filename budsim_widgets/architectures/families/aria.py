"""Aria: a Llama with experts in all layers; learned queries attend to the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.siglip import fused_projections
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


_NUM_QUERIES: Final = 256
"""What the class has by default."""


@family("aria", "AriaForConditionalGeneration", kind="multimodal")
def aria(c: Config) -> Module:
    """As many queries as the largest picture needs."""
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=_projector(c)
    )


@family("aria_text", "AriaTextForCausalLM")
def aria_text(c: Config) -> Module:
    """Experts beside shared ones, which every token passes through."""
    layer = pre_norm_layer(c.hidden_size, self_attention(c, bias=c.attention_bias), _experts(c))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


def _experts(c: Config) -> Module:
    """The experts' matrices are stored as [in, out]."""
    hidden_size, intermediate_size, count = c.hidden_size, c.intermediate_size, c.moe_num_experts
    return module(
        router=router(count, hidden_size),
        experts=module(
            gate_up_proj=Weight((count, hidden_size, 2 * intermediate_size), "experts"),
            down_proj=Weight((count, intermediate_size, hidden_size), "experts"),
            active_share=(min(c.moe_topk, count), count),
        ),
        shared_experts=gated_mlp(
            hidden_size, intermediate_size * c.moe_num_shared_experts, bias=c.get("mlp_bias", False)
        ),
    )


def _projector(c: Config) -> Module:
    vision_hidden_size, text_hidden_size = c.vision_config.hidden_size, c.text_config.hidden_size
    return module(
        query=Weight((_num_queries(c), vision_hidden_size)),
        cross_attn=module(
            q_proj=linear(vision_hidden_size, vision_hidden_size),
            k_proj=linear(vision_hidden_size, vision_hidden_size),
            v_proj=linear(vision_hidden_size, vision_hidden_size),
            multihead_attn=fused_projections(vision_hidden_size),
            linear=linear(vision_hidden_size, vision_hidden_size, bias=True),
            layer_norm=layer_norm(vision_hidden_size),
            layer_norm_kv=layer_norm(vision_hidden_size),
        ),
        layer_norm=layer_norm(vision_hidden_size),
        feed_forward=module(
            linear_in=linear(vision_hidden_size, text_hidden_size),
            linear_out=linear(text_hidden_size, text_hidden_size),
        ),
    )


def _num_queries(c: Config) -> int:
    """The most queries of any number of patches; a saved file names them, else the class derives them."""
    saved = int(c.get("max_value_projector_patch_to_query_dict") or _NUM_QUERIES)
    by_patches = c.fields.get("projector_patch_to_query_dict")
    if saved != _NUM_QUERIES or not by_patches:
        return saved
    return max(int(count) for count in by_patches.values())
