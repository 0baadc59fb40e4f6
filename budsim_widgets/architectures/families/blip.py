"""BLIP and GIT: a BERT that captions pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import head_size, height_and_width, is_tied_at_either, num_patches
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.families.bert import bert_attention, bert_embeddings
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config


@family("blip_vision_model", "BlipVisionModel")
@family("blip_2_vision_model", "Blip2VisionModel")
@family("instructblip_vision_model", "InstructBlipVisionModel")
@family("instructblipvideo_vision_model", "InstructBlipVideoVisionModel")
def blip_vision(c: Config) -> Module:
    """CLIP's tower with fused projections; it sees three colours, whatever the config says."""
    size = c.hidden_size
    layer = module(
        self_attn=module(
            qkv=linear(size, 3 * head_size(c) * c.num_attention_heads, bias=c.get("qkv_bias", True)),
            projection=linear(size, size, bias=True),
        ),
        layer_norm1=layer_norm(size),
        mlp=mlp(size, c.intermediate_size, names=("fc1", "fc2")),
        layer_norm2=layer_norm(size),
    )
    return module(
        embeddings=module(
            class_embedding=Weight((1, 1, size)),
            position_embedding=Weight((1, num_patches(c) + 1, size)),
            patch_embedding=conv(size, 3, *height_and_width(c.patch_size, "patch_size")),
        ),
        encoder=module(layers=repeat(c.num_hidden_layers, layer)),
        post_layernorm=layer_norm(size),
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
    size, seen, frames = c.hidden_size, c.vision_config.hidden_size, c.get("num_image_with_embedding")
    return module(
        git=module(
            embeddings=bert_embeddings(c, token_type_embeddings=None),
            image_encoder=part_of(c.vision_config),
            encoder=module(layer=repeat(c.num_hidden_layers, _git_layer(c))),
            visual_projection=module(
                visual_projection=module({"0": linear(seen, size, bias=True), "1": layer_norm(size)})
            ),
            img_temporal_embedding=repeat(frames, Weight((1, 1, seen))) if frames else None,
        ),
        output=head(c, bias=True),
    )


def _blip_layer(c: Config) -> Module:
    text, seen = c.text_config, c.vision_config.hidden_size
    size, heads = text.hidden_size, text.num_attention_heads
    cross_cache = CrossAttentionCache(
        num_attention_heads=heads,
        num_key_value_heads=heads,
        key_head_dim=head_size(text),
        value_head_dim=head_size(text),
        fixed_tokens=num_patches(c.vision_config) + 1,
    )
    own_cache = kv_cache(heads, heads, head_size(text))
    return module(
        attention=bert_reader("self", size, size, own_cache),
        crossattention=bert_reader("self", size, seen, cross_cache) if text.is_decoder else None,
        intermediate=module(dense=linear(size, text.intermediate_size, bias=True)),
        output=bert_output(text.intermediate_size, size),
    )


def _predictions(c: Config, *, tied: bool) -> Module:
    size, vocab_size = c.hidden_size, c.vocab_size
    return module(
        predictions=module(
            bias=Weight((vocab_size,), "bias"),
            transform=bert_output(size, size),
            decoder=None if tied else linear(size, vocab_size, bias=True, role="head"),
        )
    )


def _git_layer(c: Config) -> Module:
    size = c.hidden_size
    return module(
        attention=bert_attention(c, cached=True),
        intermediate=module(dense=linear(size, c.intermediate_size, bias=True)),
        output=bert_output(c.intermediate_size, size),
    )


def bert_reader(name: str, size: int, read: int, cache: LayerCache | None = None) -> Module:
    """BERT's attention that reads vectors of another width.

    Args:
        name: Name of the projections' group.
        size: Width of the model.
        read: Width of what is read.
        cache: What is kept.
    """
    own = module(
        query=linear(size, size, bias=True),
        key=linear(read, size, bias=True),
        value=linear(read, size, bias=True),
        cache=cache,
    )
    return module({name: own, "output": bert_output(size, size)})


def bert_output(in_features: int, size: int) -> Module:
    """A linear layer and its norm, as BERT ends its blocks."""
    return module(dense=linear(in_features, size, bias=True), LayerNorm=layer_norm(size))
