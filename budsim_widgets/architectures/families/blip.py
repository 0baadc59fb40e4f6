"""BLIP and BLIP-2: a tower, and a BERT that generates captions (1) or a Q-Former before a language model (2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.bert import bert_attention_to, bert_embeddings, bert_output
from budsim_widgets.architectures.blocks.clip import blip_tower
from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.q_former import blip2_q_former, model_with_q_former
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, is_tied_at_either, num_patches
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("blip_vision_model", "BlipVisionModel")
@family("blip_2_vision_model", "Blip2VisionModel")
def blip_vision(c: Config) -> Module:
    """CLIP's layers with fused projections."""
    return blip_tower(c)


@family("blip", "BlipForConditionalGeneration", kind="multimodal")
def blip(c: Config) -> Module:
    """A BERT whose layers also attend to the picture; of its patches they keep keys and values."""
    text, vision = c.text_config, c.vision_config
    embeddings = bert_embeddings(text, token_type_embeddings=None)
    bert = module(embeddings=embeddings, encoder=module(layer=repeat(text.num_hidden_layers, _blip_layer(c))))
    return module(
        vision_model=part_of(vision),
        text_decoder=module(bert=bert, cls=_predictions(text, tied=is_tied_at_either(c))),
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
        attention=bert_attention_to("self", hidden_size, hidden_size, own_cache),
        crossattention=bert_attention_to("self", hidden_size, vision_hidden_size, cross_cache)
        if text.is_decoder
        else None,
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


@family("blip-2", "Blip2ForConditionalGeneration", kind="multimodal")
def blip2(c: Config) -> Module:
    """Learned queries attend to the picture and stand before the text; the language model's part says what is tied."""
    q_former = c.qformer_config
    return model_with_q_former(c, blip2_q_former(q_former, c.vision_config.hidden_size))


@family("blip_2_qformer", "Blip2QFormerModel")
def blip2_q_former_alone(c: Config) -> Module:
    """The Q-Former alone, as models of speech use it."""
    return blip2_q_former(c, c.encoder_hidden_size)
