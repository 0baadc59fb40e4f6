"""BLIP and GIT: a BERT that captions pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.bert import bert_attention, bert_embeddings, bert_output, bert_reader
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import (
    height_and_width,
    hidden_size_per_head,
    is_tied_at_either,
    num_patches,
)
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("blip_vision_model", "BlipVisionModel")
@family("blip_2_vision_model", "Blip2VisionModel")
@family("instructblip_vision_model", "InstructBlipVisionModel")
@family("instructblipvideo_vision_model", "InstructBlipVideoVisionModel")
def blip_vision(c: Config) -> Module:
    """CLIP's tower with fused projections; it sees three colours, whatever the config says."""
    hidden_size = c.hidden_size
    layer = module(
        self_attn=module(
            qkv=linear(hidden_size, 3 * hidden_size_per_head(c) * c.num_attention_heads, bias=c.get("qkv_bias", True)),
            projection=linear(hidden_size, hidden_size, bias=True),
        ),
        layer_norm1=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        layer_norm2=layer_norm(hidden_size),
    )
    return module(
        embeddings=module(
            class_embedding=Weight((1, 1, hidden_size)),
            position_embedding=Weight((1, num_patches(c) + 1, hidden_size)),
            patch_embedding=conv(hidden_size, 3, *height_and_width(c.patch_size, "patch_size")),
        ),
        encoder=module(layers=repeat(c.num_hidden_layers, layer)),
        post_layernorm=layer_norm(hidden_size),
    )


@family("blip", "BlipForConditionalGeneration", kind="multimodal")
def blip(c: Config) -> Module:
    """A BERT whose layers also read the picture; of its patches they keep keys and values."""
    text, vision = c.text_config, c.vision_config
    embeddings = bert_embeddings(text, token_type_embeddings=None)
    bert = module(embeddings=embeddings, encoder=module(layer=repeat(text.num_hidden_layers, _blip_layer(c))))
    return module(
        vision_model=part_of(vision),
        text_decoder=module(bert=bert, cls=_predictions(text, tied=is_tied_at_either(c))),
    )


@family("git", "GitForCausalLM", kind="multimodal")
def git(c: Config) -> Module:
    """A BERT that keeps keys and values of pictures and text alike; videos have a learned vector for each frame."""
    hidden_size, vision_hidden_size, frames = (
        c.hidden_size,
        c.vision_config.hidden_size,
        c.get("num_image_with_embedding"),
    )
    return module(
        git=module(
            embeddings=bert_embeddings(c, token_type_embeddings=None),
            image_encoder=part_of(c.vision_config),
            encoder=module(layer=repeat(c.num_hidden_layers, _git_layer(c))),
            visual_projection=module(
                visual_projection=module(
                    {"0": linear(vision_hidden_size, hidden_size, bias=True), "1": layer_norm(hidden_size)}
                )
            ),
            img_temporal_embedding=repeat(frames, Weight((1, 1, vision_hidden_size))) if frames else None,
        ),
        output=head(c, bias=True),
    )


def _blip_layer(c: Config) -> Module:
    text, vision_hidden_size = c.text_config, c.vision_config.hidden_size
    hidden_size, num_attention_heads = text.hidden_size, text.num_attention_heads
    cross_cache = CrossAttentionCache(
        num_attention_heads=num_attention_heads,
        num_key_value_heads=num_attention_heads,
        key_head_dim=hidden_size_per_head(text),
        value_head_dim=hidden_size_per_head(text),
        fixed_tokens=num_patches(c.vision_config) + 1,
    )
    own_cache = kv_cache(num_attention_heads, num_attention_heads, hidden_size_per_head(text))
    return module(
        attention=bert_reader("self", hidden_size, hidden_size, own_cache),
        crossattention=bert_reader("self", hidden_size, vision_hidden_size, cross_cache) if text.is_decoder else None,
        intermediate=module(dense=linear(hidden_size, text.intermediate_size, bias=True)),
        output=bert_output(text.intermediate_size, hidden_size),
    )


def _predictions(c: Config, *, tied: bool) -> Module:
    hidden_size, vocab_size = c.hidden_size, c.vocab_size
    return module(
        predictions=module(
            bias=Weight((vocab_size,), "bias"),
            transform=bert_output(hidden_size, hidden_size),
            decoder=None if tied else linear(hidden_size, vocab_size, bias=True, role="head"),
        )
    )


def _git_layer(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        attention=bert_attention(c, cached=True),
        intermediate=module(dense=linear(hidden_size, c.intermediate_size, bias=True)),
        output=bert_output(c.intermediate_size, hidden_size),
    )
