"""Hunyuan 1, dense or with experts, and Hunyuan-VL, whose tower joins patches by convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import (
    conv,
    embedding,
    experts,
    gated_mlp,
    layer_norm,
    linear,
    mlp,
    rms_norm,
    router,
)
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.vision import (
    VIT_PROJECTIONS,
    base_model,
    is_tied_at_either,
    multimodal_model,
    side_of,
)
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM")
def hunyuan_dense(c: Config) -> Module:
    """Llama with normed queries and keys."""
    layer = pre_norm_layer(c.hidden_size, _normed_attention(c), gated_mlp(c.hidden_size, c.intermediate_size))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("hunyuan_v1_moe", "HunYuanMoEV1ForCausalLM")
def hunyuan_moe(c: Config) -> Module:
    """Routed experts and a shared block of their intermediate size; their counts may be lists, one item a layer."""
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size

    def layer(count: int, used: int) -> Module:
        feed_forward = module(
            gate=module(wg=router(count, hidden_size)),
            experts=experts(count, used, hidden_size, intermediate_size),
            shared_mlp=gated_mlp(hidden_size, intermediate_size),
        )
        return pre_norm_layer(hidden_size, _normed_attention(c), feed_forward)

    kinds = zip(_per_layer(c, c.num_experts), _per_layer(c, c.get("moe_topk", 1)), strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))


def _normed_attention(c: Config) -> Module:
    norm = rms_norm(c.head_dim)
    return self_attention(c, bias=c.attention_bias, more={"query_layernorm": norm, "key_layernorm": norm})


def _per_layer(c: Config, value: int | list[int]) -> list[int]:
    return list(value) if isinstance(value, list) else [value] * c.num_hidden_layers


@family("hunyuan_vl", "HunYuanVLForConditionalGeneration", kind="multimodal")
def hunyuan_vl(c: Config) -> Module:
    """Either level of the config ties the head."""
    return multimodal_model(
        c, tied=is_tied_at_either(c), vision_tower=_tower(c.vision_config, c.text_config.hidden_size)
    )


@family("hunyuan_vl_text", "HunYuanVLTextModel")
def hunyuan_vl_text(c: Config) -> Module:
    """Hunyuan, inside Hunyuan-VL; without a head."""
    return base_model(hunyuan_dense(c))


def _tower(c: Config, text_hidden_size: int) -> Module:
    """A learned position for every patch of the largest picture, and one more."""
    hidden_size, num_attention_heads, patch = c.hidden_size, c.num_attention_heads, side_of(c.patch_size, "patch_size")
    layer = module(
        layer_norm1=layer_norm(hidden_size),
        self_attn=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            c.head_dim,
            bias=True,
            names=(*VIT_PROJECTIONS[:3], "o_proj"),
            cached=False,
        ),
        layer_norm2=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
    )
    return module(
        embeddings=module(
            patch_embedding=conv(hidden_size, c.num_channels, patch, patch),
            position_embedding=embedding((c.max_image_size // patch) ** 2 + 1, hidden_size),
        ),
        layers=repeat(c.num_hidden_layers, layer),
        patch_merger=_merger(c, text_hidden_size),
    )


def _merger(c: Config, text_hidden_size: int) -> Module:
    """Joins neighbouring patches; learned vectors begin and end a picture, and end its rows."""
    hidden_size, side, ending = c.hidden_size, c.spatial_merge_size, Weight((text_hidden_size,))
    return module(
        proj_conv=conv(2 * hidden_size, hidden_size, side, side),
        proj_out=conv(4 * hidden_size, 2 * hidden_size, 1, 1),
        mlp=linear(4 * hidden_size, text_hidden_size, bias=True),
        image_newline=Weight((4 * hidden_size,)),
        image_begin=ending,
        image_end=ending,
        image_sep=ending,
        before_rms=rms_norm(hidden_size),
        after_rms=rms_norm(text_hidden_size),
    )
