"""Ovis 2: pictures become tokens of a visual vocabulary, which has an embedding table of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import (
    VIT_PROJECTIONS,
    height_and_width,
    hidden_size_per_head,
    is_tied_at_top,
    language_model,
    num_patches,
)
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("ovis2", "Ovis2ForConditionalGeneration", kind="multimodal")
def ovis2(c: Config) -> Module:
    """Width and vocabulary of the head are the top level's."""
    tied = is_tied_at_top(c)
    return module(
        model=module(
            vision_tower=part_of(c.vision_config),
            language_model=language_model(c.text_config),
            visual_embeddings_table=embedding(c.vision_config.vocab_size, c.hidden_size),
        ),
        lm_head=None if tied else head(c, tied=False),
    )


@family("ovis2_vision", "Ovis2VisionModel")
def ovis2_vision(c: Config) -> Module:
    """RMS norms and gated blocks; a head yields the words, but for those that say where a picture starts and ends."""
    hidden_size = c.hidden_size
    words = c.vocab_size - c.num_visual_indicator_tokens
    return module(
        transformer=module(
            embeddings=module(
                patch_embedding=conv(hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size")),
                position_embedding=embedding(num_patches(c), hidden_size),
                rms_norm=rms_norm(hidden_size),
            ),
            encoder=module(layers=repeat(c.num_hidden_layers, _layer(c))),
            rms_norm=rms_norm(hidden_size),
        ),
        head_linear=linear(hidden_size * c.hidden_stride**2, words),
        head_norm=layer_norm(words),
    )


def _layer(c: Config) -> Module:
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    return module(
        attention=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size_per_head(c),
            bias=c.qkv_bias,
            names=VIT_PROJECTIONS,
            cached=False,
        ),
        ffn=gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
        rms_norm1=rms_norm(hidden_size),
        rms_norm2=rms_norm(hidden_size),
    )
