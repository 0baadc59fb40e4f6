"""BLIP and GIT, which caption pictures with a BERT; BLIP-2 and InstructBLIP, which read them through a Q-Former."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.attention import kv_cache
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.families.bert import bert_attention, bert_embeddings
from budsim_widgets.architectures.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.models import head
from budsim_widgets.architectures.parts import Module, Stack, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of
from budsim_widgets.architectures.vision import head_size, height_and_width, is_tied_at_either, num_patches

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


@family("blip-2", "Blip2ForConditionalGeneration", kind="multimodal")
def blip2(c: Config) -> Module:
    """Learned queries read the picture and stand before the text; the language model says itself what is tied."""
    q_former = c.qformer_config
    layers = _q_former_layers(c, reads_text=q_former.get("use_qformer_text_input", False))
    return _with_q_former(c, module(layernorm=layer_norm(q_former.hidden_size), encoder=module(layer=layers)))


@family("instructblip", "InstructBlipForConditionalGeneration", kind="multimodal")
@family("instructblipvideo", "InstructBlipVideoForConditionalGeneration", kind="multimodal")
def instructblip(c: Config) -> Module:
    """BLIP-2 whose queries read the instruction as well."""
    q_former = c.qformer_config
    size = q_former.hidden_size
    embeddings = module(
        word_embeddings=embedding(q_former.vocab_size, size),
        position_embeddings=embedding(q_former.max_position_embeddings, size),
        layernorm=layer_norm(size),
    )
    layers = _q_former_layers(c, reads_text=True)
    return _with_q_former(c, module(embeddings=embeddings, encoder=module(layer=layers)))


def _with_q_former(c: Config, q_former: Module) -> Module:
    size = c.qformer_config.hidden_size
    return module(
        query_tokens=Weight((1, c.num_query_tokens, size)),
        vision_model=part_of(c.vision_config),
        qformer=q_former,
        language_projection=linear(size, c.text_config.hidden_size, bias=True),
        language_model=part_of(c.text_config),
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
        attention=_attention("self", size, size, own_cache),
        crossattention=_attention("self", size, seen, cross_cache) if text.is_decoder else None,
        intermediate=module(dense=linear(size, text.intermediate_size, bias=True)),
        output=_output(text.intermediate_size, size),
    )


def _predictions(c: Config, *, tied: bool) -> Module:
    size, vocab_size = c.hidden_size, c.vocab_size
    return module(
        predictions=module(
            bias=Weight((vocab_size,), "bias"),
            transform=_output(size, size),
            decoder=None if tied else linear(size, vocab_size, bias=True, role="head"),
        )
    )


def _git_layer(c: Config) -> Module:
    size = c.hidden_size
    return module(
        attention=bert_attention(c, cached=True),
        intermediate=module(dense=linear(size, c.intermediate_size, bias=True)),
        output=_output(c.intermediate_size, size),
    )


def _q_former_layers(c: Config, *, reads_text: bool) -> Stack:
    """Every few layers read the picture; queries and text have feed-forward blocks of their own."""
    q_former, seen = c.qformer_config, c.vision_config.hidden_size
    size, hidden = q_former.hidden_size, q_former.intermediate_size

    def layer(sees: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return module(
            attention=_attention("attention", size, size),
            crossattention=_attention("attention", size, seen) if sees else None,
            intermediate=module(dense=linear(size, hidden, bias=True)) if reads_text else None,
            output=_output(hidden, size) if reads_text else None,
            intermediate_query=module(dense=linear(size, hidden, bias=True)),
            output_query=_output(hidden, size),
        )

    every = q_former.cross_attention_frequency
    return stack((index % every == 0 for index in range(q_former.num_hidden_layers)), layer)


def _attention(name: str, size: int, read: int, cache: LayerCache | None = None) -> Module:
    own = module(
        query=linear(size, size, bias=True),
        key=linear(read, size, bias=True),
        value=linear(read, size, bias=True),
        cache=cache,
    )
    return module({name: own, "output": _output(size, size)})


def _output(in_features: int, size: int) -> Module:
    return module(dense=linear(in_features, size, bias=True), LayerNorm=layer_norm(size))
