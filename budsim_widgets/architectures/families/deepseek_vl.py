"""DeepSeek-VL, VideoLLaMA 3 and Unlimited-OCR: one or two towers, a few layers, a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, experts, gated_mlp, layer_norm, linear, router
from budsim_widgets.architectures.blocks.models import pre_norm_layer, sparse_layers
from budsim_widgets.architectures.blocks.vision import (
    headless_decoder,
    height_and_width,
    hidden_size_per_head,
    is_tied_at_either,
    is_tied_at_top,
    multimodal_model,
    num_patches,
    vit_layer,
)
from budsim_widgets.architectures.families.sam import sam_halving, sam_neck
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("deepseek_vl", "DeepseekVLForConditionalGeneration", kind="multimodal")
def deepseek_vl(c: Config) -> Module:
    """SigLIP and two linear layers."""
    text_hidden_size = c.text_config.hidden_size
    aligner = module(
        linear1=linear(c.vision_config.hidden_size, text_hidden_size, bias=True),
        linear2=linear(text_hidden_size, text_hidden_size, bias=True),
    )
    return multimodal_model(c, tied=is_tied_at_top(c), vision_model=part_of(c.vision_config), aligner=aligner)


@family("deepseek_vl_hybrid", "DeepseekVLHybridForConditionalGeneration", kind="multimodal")
def deepseek_vl_hybrid(c: Config) -> Module:
    """Segment Anything beside SigLIP, each of which yields half of the width."""
    text_hidden_size, high = c.text_config.hidden_size, c.high_res_vision_config
    channels = high.get("output_channels", 256)
    aligner = module(
        vision_proj=linear(c.vision_config.hidden_size, text_hidden_size // 2, bias=True),
        high_res_vision_proj=linear(4 * channels, text_hidden_size // 2, bias=True),
        proj=linear(text_hidden_size, text_hidden_size, bias=True),
    )
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        high_res_vision_model=part_of(high),
        high_res_vision_neck=sam_neck(high),
        high_res_vision_proj=sam_halving(channels, 2 * channels, 4 * channels),
        high_res_vision_alpha=Weight((1,)),
        vision_model=part_of(c.vision_config),
        aligner=aligner,
    )


@family("video_llama_3", "VideoLlama3ForConditionalGeneration", kind="multimodal")
def video_llama3(c: Config) -> Module:
    """Either level of the config ties the head."""
    text_hidden_size = c.text_config.hidden_size
    readout = {
        "0": linear(c.vision_config.hidden_size, text_hidden_size, bias=True),
        "2": linear(text_hidden_size, text_hidden_size, bias=True),
    }
    return multimodal_model(
        c,
        tied=is_tied_at_either(c),
        vision_model=part_of(c.vision_config),
        projector=module(readout=module(readout)),
    )


@family("video_llama_3_vision", "VideoLlama3VisionModel")
def video_llama3_vision(c: Config) -> Module:
    """SigLIP with rotary positions."""
    hidden_size = c.hidden_size
    patches = conv(hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size"))
    return module(
        embeddings=module(patch_embedding=patches),
        encoder=module(layers=repeat(c.num_hidden_layers, vit_layer(c))),
        post_layernorm=layer_norm(hidden_size),
    )


def _notes(c: Config) -> tuple[str, ...]:
    window = c.text_config.get("sliding_window", 128)
    note = (
        f"The model keeps the prompt and the last {window - 1:,} tokens that it generates; "
        "the KV cache is computed as if all tokens were the prompt."
    )
    return (note,)


@family("unlimited_ocr", "UnlimitedOcrForConditionalGeneration", kind="multimodal", notes=_notes)
def unlimited_ocr(c: Config) -> Module:
    """The vectors of Segment Anything and of CLIP side by side; learned ones end rows and views."""
    towers, text_hidden_size = c.vision_config, c.text_config.hidden_size
    vision_hidden_size = (
        towers.sam_config.get("downsample_channels", (512, 1024))[-1] + towers.encoder_config.hidden_size
    )
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        vision_tower=module(
            sam_encoder=part_of(towers.sam_config), vision_encoder=_clip_without_patches(towers.encoder_config)
        ),
        multi_modal_projector=linear(vision_hidden_size, text_hidden_size, bias=True),
        view_separator=Weight((text_hidden_size,)),
        image_newline=Weight((text_hidden_size,)),
    )


def _clip_without_patches(c: Config) -> Module:
    """CLIP's layers, which read what Segment Anything has seen; no norm behind them."""
    hidden_size = c.hidden_size
    return module(
        embeddings=module(
            class_embedding=Weight((hidden_size,)), position_embedding=embedding(num_patches(c) + 1, hidden_size)
        ),
        pre_layrnorm=layer_norm(hidden_size),
        encoder=module(layers=repeat(c.num_hidden_layers, vit_layer(c))),
    )


@family("unlimited_ocr_text", "UnlimitedOcrTextModel")
def unlimited_ocr_text(c: Config) -> Module:
    """DeepSeek's experts with ordinary attention; the first layer is dense."""
    hidden_size, num_attention_heads, bias = c.hidden_size, c.num_attention_heads, c.get("mlp_bias", False)
    self_attn = attention(
        hidden_size,
        num_attention_heads,
        c.num_key_value_heads,
        hidden_size_per_head(c),
        bias=c.get("attention_bias", False),
    )
    moe_intermediate_size = c.moe_intermediate_size
    sparse = module(
        gate=router(c.n_routed_experts, hidden_size),
        experts=experts(c.n_routed_experts, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.n_shared_experts, bias=bias),
    )
    dense = gated_mlp(hidden_size, c.intermediate_size, bias=bias)

    def layer(is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return pre_norm_layer(hidden_size, self_attn, sparse if is_sparse else dense)

    return headless_decoder(c, stack(sparse_layers(c, dense=c.get("first_k_dense_replace", 1)), layer))
