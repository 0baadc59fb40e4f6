"""Encoders that attend to parts of a long text: BigBird, Longformer, and what BART became with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.families.bart import Style, decoder_layer, encoder_layer, joined, side
from budsim_widgets.architectures.families.bert import (
    bert_embeddings,
    bert_layer,
    lm_head,
    predictions,
)
from budsim_widgets.architectures.parts import Module, extended, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_BIGBIRD = Style(embedding_norm=True)
_LED = Style(spare_positions=None, embedding_norm=True)


def _projections(hidden_size: int, *, bias: bool = True) -> dict[str, Module]:
    projection = linear(hidden_size, hidden_size, bias=bias)
    return {"query": projection, "key": projection, "value": projection}


def _local_and_global(hidden_size: int) -> Module:
    """Projections for the window around a token, and others for the tokens that see all."""
    local = _projections(hidden_size)
    return module({**local, **{f"{name}_global": part for name, part in local.items()}})


@family("big_bird", "BigBirdForCausalLM")
@family("big_bird", "BigBirdForMaskedLM")
def big_bird(c: Config) -> Module:
    """BERT that attends to windows, to global and to random tokens."""
    hidden_size = c.hidden_size
    layer = extended_at(bert_layer(c), "attention.self", _projections(hidden_size, bias=c.use_bias))
    if "crossattention" in layer.children:
        layer = extended_at(layer, "crossattention.self", _projections(hidden_size, bias=c.use_bias))
    encoder = module(layer=repeat(c.num_hidden_layers, layer))
    pooler = linear(hidden_size, hidden_size, bias=True)
    return module(bert=module(embeddings=bert_embeddings(c), encoder=encoder, pooler=pooler), cls=predictions(c))


@family("bigbird_pegasus", "BigBirdPegasusForConditionalGeneration")
def bigbird_pegasus(c: Config) -> Module:
    """Pegasus that reads as BigBird does."""
    d_model, bias, shared = c.d_model, c.use_bias, c.tie_word_embeddings
    attend = module({"self": module(_projections(d_model, bias=bias)), "output": linear(d_model, d_model, bias=bias)})
    return joined(
        c,
        side(c, _BIGBIRD, repeat(c.encoder_layers, encoder_layer(c, attend)), shared=shared),
        side(c, _BIGBIRD, repeat(c.decoder_layers, decoder_layer(c, bias=bias)), shared=shared),
    )


@family("bigbird_pegasus", "BigBirdPegasusForCausalLM")
def bigbird_pegasus_decoder(c: Config) -> Module:
    """The decoder alone, whose head is never tied."""
    layer = decoder_layer(c, bias=c.use_bias, alone=True)
    writing = side(c, _BIGBIRD, repeat(c.decoder_layers, layer), shared=False)
    return module(model=module(decoder=writing), lm_head=head(c, tied=False))


@family("longformer", "LongformerForMaskedLM")
def longformer(c: Config) -> Module:
    """RoBERTa with windows."""
    layer = extended_at(bert_layer(c), "attention", {"self": _local_and_global(c.hidden_size)})
    encoder = module(layer=repeat(c.num_hidden_layers, layer))
    return module(longformer=module(embeddings=bert_embeddings(c), encoder=encoder), lm_head=lm_head(c))


@family("led", "LEDForConditionalGeneration")
def led(c: Config) -> Module:
    """BART that reads as Longformer does."""
    d_model, shared = c.d_model, c.tie_word_embeddings
    attend = module(longformer_self_attn=_local_and_global(d_model), output=linear(d_model, d_model, bias=True))
    reading = side(c, _LED, repeat(c.encoder_layers, encoder_layer(c, attend)), shared=shared)
    writing = side(c, _LED, repeat(c.decoder_layers, decoder_layer(c)), shared=shared)
    return joined(
        c,
        extended(reading, {"embed_positions": embedding(c.max_encoder_position_embeddings, d_model)}),
        extended(writing, {"embed_positions": embedding(c.max_decoder_position_embeddings, d_model)}),
        base="led",
    )
