"""Qwen that sees: Qwen2-VL, Qwen2.5-VL and Qwen3-VL, dense or with experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import given_layer_types, pre_norm_layer, self_attention, window_of
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


@family("qwen2_vl", "Qwen2VLForConditionalGeneration", kind="multimodal")
@family("qwen2_5_vl", "Qwen2_5_VLForConditionalGeneration", kind="multimodal")
def qwen2_vl(c: Config) -> Module:
    """Older files write the text's fields at the top level, newer ones may tie the head in the text's part."""
    return multimodal_model(c, tied=is_tied_at_either(c), visual=part_of(c.vision_config))


@family("qwen3_vl", "Qwen3VLForConditionalGeneration", kind="multimodal")
@family("qwen3_vl_moe", "Qwen3VLMoeForConditionalGeneration", kind="multimodal")
def qwen3_vl(c: Config) -> Module:
    """The top level alone decides whether the head is tied."""
    return multimodal_model(c, tied=is_tied_at_top(c), visual=part_of(c.vision_config))


@family("qwen2_vl_text", "Qwen2VLTextModel")
@family("qwen2_5_vl_text", "Qwen2_5_VLTextModel")
def qwen2_vl_text(c: Config) -> Module:
    """Qwen 2, whose `head_dim` is always `hidden_size // num_attention_heads`."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads

    def layer(layer_type: str) -> Module:
        window = window_of(c, layer_type) if c.get("use_sliding_window") else None
        self_attn = attention(
            hidden_size,
            num_attention_heads,
            c.num_key_value_heads,
            hidden_size_per_head(c),
            bias=True,
            out_bias=False,
            window=window,
        )
        return pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size))

    return headless_decoder(c, stack(_windowed_layers(c), layer))


@family("qwen3_vl_text", "Qwen3VLTextModel")
def qwen3_vl_text(c: Config) -> Module:
    """Qwen 3 without windows."""
    return headless_decoder(c, repeat(c.num_hidden_layers, _layer(c, gated_mlp(c.hidden_size, c.intermediate_size))))


@family("qwen3_vl_moe_text", "Qwen3VLMoeTextModel")
def qwen3_vl_moe_text(c: Config) -> Module:
    """Each `decoder_sparse_step`-th layer has experts, but for `mlp_only_layers`."""
    hidden_size = c.hidden_size

    def layer(*, is_sparse: bool) -> Module:
        if not is_sparse:
            return _layer(c, gated_mlp(hidden_size, c.intermediate_size))
        return _layer(c, mixture_of_experts(hidden_size, c.num_experts, c.num_experts_per_tok, c.moe_intermediate_size))

    dense = set(c.get("mlp_only_layers", ()))
    sparse = (
        index not in dense and c.num_experts > 0 and (index + 1) % c.decoder_sparse_step == 0
        for index in range(c.num_hidden_layers)
    )
    return headless_decoder(c, stack(sparse, lambda is_sparse: layer(is_sparse=is_sparse)))


def _layer(c: Config, feed_forward: Module) -> Module:
    # Only Qwen3-Omni's text declares a window; where set, it holds for all layers.
    window = c.get("sliding_window") if c.model_type == "qwen3_omni_moe_text" else None
    self_attn = self_attention(c, bias=c.attention_bias, window=window, qk_norm=rms_norm(c.head_dim))
    return pre_norm_layer(c.hidden_size, self_attn, feed_forward)


def _windowed_layers(c: Config) -> list[str]:
    given = given_layer_types(c, "full_attention", "sliding_attention")
    if given is not None:
        return given
    windowed_from = c.max_window_layers if "sliding_window" in c else c.num_hidden_layers
    return ["sliding_attention" if index >= windowed_from else "full_attention" for index in range(c.num_hidden_layers)]
