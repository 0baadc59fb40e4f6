"""BERT changed a little: norms in front of attention and feed-forward, adapters, further embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.families.bert import (
    bert_attention,
    bert_embeddings,
    bert_encoder,
    bert_layer,
    lm_head,
    predictions,
)
from budsim_widgets.architectures.parts import Module, Part, extended, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


def _layer(c: Config, *, attention_norm: str, feed_forward_norm: str | None) -> Module:
    """A layer with a norm in front of either block; without a name the feed-forward's stands inside of it."""
    hidden_size, is_decoder = c.hidden_size, c.get("is_decoder", False)
    norm = layer_norm(hidden_size)

    def attend(*, cached: bool = False) -> Module:
        return extended(bert_attention(c, cached=cached, norm=None), {attention_norm: norm})

    return module(
        {
            "attention": attend(cached=is_decoder),
            "crossattention": attend() if is_decoder and c.get("add_cross_attention", False) else None,
            "intermediate": module(
                LayerNorm=None if feed_forward_norm else norm, dense=linear(hidden_size, c.intermediate_size, bias=True)
            ),
            "output": module(dense=linear(c.intermediate_size, hidden_size, bias=True)),
            feed_forward_norm or "": norm if feed_forward_norm else None,
        }
    )


def _encoder(c: Config, layer: Part, **more: Part | None) -> Module:
    return module({"layer": repeat(c.num_hidden_layers, layer), **more})


@family("megatron-bert", "MegatronBertForCausalLM")
@family("megatron-bert", "MegatronBertForMaskedLM")
def megatron_bert(c: Config) -> Module:
    """The norms are called `ln`, the embedding has none."""
    layer = _layer(c, attention_norm="ln", feed_forward_norm="ln")
    return module(
        bert=module(
            embeddings=bert_embeddings(c, LayerNorm=None), encoder=_encoder(c, layer, ln=layer_norm(c.hidden_size))
        ),
        cls=predictions(c),
    )


@family("roberta-prelayernorm", "RobertaPreLayerNormForCausalLM")
@family("roberta-prelayernorm", "RobertaPreLayerNormForMaskedLM")
def roberta_prelayernorm(c: Config) -> Module:
    """The last norm stands beside the encoder."""
    layer = _layer(c, attention_norm="LayerNorm", feed_forward_norm=None)
    return module(
        roberta_prelayernorm=module(
            embeddings=bert_embeddings(c), encoder=_encoder(c, layer), LayerNorm=layer_norm(c.hidden_size)
        ),
        lm_head=lm_head(c),
    )


@family("xlm-roberta-xl", "XLMRobertaXLForCausalLM")
@family("xlm-roberta-xl", "XLMRobertaXLForMaskedLM")
def xlm_roberta_xl(c: Config) -> Module:
    """The embedding has no norm."""
    layer = _layer(c, attention_norm="self_attn_layer_norm", feed_forward_norm="LayerNorm")
    encoder = _encoder(c, layer, LayerNorm=layer_norm(c.hidden_size))
    return module(roberta=module(embeddings=bert_embeddings(c, LayerNorm=None), encoder=encoder), lm_head=lm_head(c))


@family("xmod", "XmodForCausalLM")
@family("xmod", "XmodForMaskedLM")
def xmod(c: Config) -> Module:
    """An adapter for each language in every layer."""
    hidden_size, bottleneck_size = c.hidden_size, c.hidden_size // c.adapter_reduction_factor
    adapter = module(
        dense1=linear(hidden_size, bottleneck_size, bias=True), dense2=linear(bottleneck_size, hidden_size, bias=True)
    )
    adapters = {
        "adapter_layer_norm": layer_norm(hidden_size) if c.adapter_layer_norm else None,
        "adapter_modules": module({str(language): adapter for language in c.get("languages", ("en_XX",))}),
    }
    layer = extended_at(bert_layer(c), "output", adapters)
    encoder = _encoder(c, layer, LayerNorm=layer_norm(hidden_size) if c.pre_norm else None)
    return module(roberta=module(embeddings=bert_embeddings(c), encoder=encoder), lm_head=lm_head(c))


@family("roc_bert", "RoCBertForCausalLM")
@family("roc_bert", "RoCBertForMaskedLM")
def roc_bert(c: Config) -> Module:
    """Also sees how a character is pronounced and what it looks like."""
    hidden_size, pronunciation_embed_dim, shape_embed_dim = c.hidden_size, c.pronunciation_embed_dim, c.shape_embed_dim
    joined = (
        hidden_size + pronunciation_embed_dim * bool(c.enable_pronunciation) + shape_embed_dim * bool(c.enable_shape)
    )
    embeddings = bert_embeddings(
        c,
        pronunciation_embed=embedding(c.pronunciation_vocab_size, pronunciation_embed_dim),
        shape_embed=embedding(c.shape_vocab_size, shape_embed_dim),
        map_inputs_layer=linear(joined, hidden_size, bias=True) if c.concat_input else None,
    )
    return module(roc_bert=module(embeddings=embeddings, encoder=bert_encoder(c)), cls=predictions(c))
