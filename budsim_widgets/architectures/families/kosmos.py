"""Kosmos 2 and 2.5: learned queries attend to the picture, and their vectors stand before the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.clip import clip_tower
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.pix2struct import pix2struct_vision
from budsim_widgets.architectures.blocks.vision import (
    VIT_PROJECTIONS,
    hidden_size_per_head,
    is_tied_at_either,
    is_tied_at_top,
)
from budsim_widgets.architectures.parts import Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("kosmos-2", "Kosmos2ForConditionalGeneration", kind="multimodal")
@family("kosmos-2.5", "Kosmos2_5ForConditionalGeneration", kind="multimodal")
def kosmos(c: Config) -> Module:
    """Either level ties the head of Kosmos 2; of Kosmos 2.5 the text's part alone."""
    text = c.text_config
    tied = is_tied_at_either(c) if c.model_type == "kosmos-2" else is_tied_at_top(text)
    return module(
        text_model=module(model=_text_model(c), lm_head=head(text, tied=tied)),
        vision_model=part_of(c.vision_config),
        image_to_text_projection=module(
            latent_query=Weight((c.latent_query_num, text.hidden_size)),
            dense=linear(c.vision_config.hidden_size, text.hidden_size, bias=True),
            x_attn=_attention(text, cached=False),
        ),
    )


@family("kosmos_2_5_vision_model", "Kosmos2_5VisionModel")
def kosmos2_5_vision(c: Config) -> Module:
    """Pix2Struct's."""
    return pix2struct_vision(c, c.head_dim, c.intermediate_size, c.max_num_patches)


def _text_model(c: Config) -> Module:
    text, is_first = c.text_config, c.model_type == "kosmos-2"
    hidden_size = text.hidden_size
    return module(
        embed_tokens=embedding(text.vocab_size, hidden_size),
        segment_emb=None if is_first else embedding(2, hidden_size),
        layers=repeat(text.num_hidden_layers, _layer(text, is_first=is_first)),
        layer_norm=layer_norm(hidden_size),
    )


def _layer(c: Config, *, is_first: bool) -> Module:
    """Norms inside the blocks as well; Kosmos 2 attends to an encoder where `add_cross_attention` is set."""
    hidden_size, ffn_dim = c.hidden_size, c.ffn_dim
    inner_norm = layer_norm(hidden_size) if is_first else None
    has_cross_attention = is_first and c.get("add_cross_attention", False)
    return module(
        self_attn=extended(_attention(c), {"inner_attn_ln": inner_norm}),
        self_attn_layer_norm=layer_norm(hidden_size),
        encoder_attn=_attention(c, cached=False) if has_cross_attention else None,
        encoder_attn_layer_norm=layer_norm(hidden_size) if has_cross_attention else None,
        ffn=module(
            fc1=linear(hidden_size, ffn_dim, bias=True),
            fc2=linear(ffn_dim, hidden_size, bias=True),
            ffn_layernorm=layer_norm(ffn_dim),
        ),
        final_layer_norm=layer_norm(hidden_size),
    )


def _attention(c: Config, *, cached: bool = True) -> Module:
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    return attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size_per_head(c),
        bias=True,
        names=VIT_PROJECTIONS,
        cached=cached,
    )


@family("kosmos_2_vision_model", "Kosmos2VisionModel")
def kosmos2_vision(c: Config) -> Module:
    """CLIP's, one level down."""
    return module(model=clip_tower(c))
