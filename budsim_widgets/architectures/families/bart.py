"""BART and its relatives: an encoder and a decoder that reads it, with biases everywhere.

They differ in their position tables and in where norms stand besides those of the layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import Module, Stack, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")


@dataclass(frozen=True, kw_only=True)
class Style:
    """What sets one relative apart.

    Attributes:
        spare_positions: Rows of the position table beyond the positions; None: positions are computed.
        embedding_norm: Whether a norm follows the embedding.
        last_norm: Whether a norm follows the last layer.
    """

    spare_positions: int | None = 0
    embedding_norm: bool = False
    last_norm: bool = False


BART = Style(spare_positions=2, embedding_norm=True)
MBART = Style(spare_positions=2, embedding_norm=True, last_norm=True)
PEGASUS = Style(last_norm=True)
SMALL = Style(embedding_norm=True)
M2M = Style(spare_positions=None, last_norm=True)


def encoder_layer(c: Config, self_attn: Module | None = None, *, bias: bool = True) -> Module:
    """Attention, here the usual unless another is given, and a feed-forward block, each with its norm."""
    d_model, encoder_attention_heads = c.d_model, c.encoder_attention_heads
    usual = attention(
        d_model,
        encoder_attention_heads,
        encoder_attention_heads,
        d_model // encoder_attention_heads,
        bias=bias,
        names=PROJECTIONS,
        cached=False,
    )
    return module(
        self_attn=self_attn or usual,
        self_attn_layer_norm=layer_norm(d_model),
        fc1=linear(d_model, c.encoder_ffn_dim, bias=True),
        fc2=linear(c.encoder_ffn_dim, d_model, bias=True),
        final_layer_norm=layer_norm(d_model),
    )


def decoder_layer(c: Config, *, bias: bool = True, alone: bool = False) -> Module:
    """Attention to what is written and to what was read; the latter is kept unless the decoder is alone."""
    d_model, decoder_attention_heads = c.d_model, c.decoder_attention_heads
    return module(
        self_attn=attention(
            d_model,
            decoder_attention_heads,
            decoder_attention_heads,
            d_model // decoder_attention_heads,
            bias=bias,
            names=PROJECTIONS,
        ),
        self_attn_layer_norm=layer_norm(d_model),
        encoder_attn=cross_attention(
            d_model,
            decoder_attention_heads,
            d_model // decoder_attention_heads,
            bias=bias,
            names=PROJECTIONS,
            cached=not alone,
        ),
        encoder_attn_layer_norm=layer_norm(d_model),
        fc1=linear(d_model, c.decoder_ffn_dim, bias=True),
        fc2=linear(c.decoder_ffn_dim, d_model, bias=True),
        final_layer_norm=layer_norm(d_model),
    )


def encoder(c: Config, style: Style, *, shared: bool) -> Module:
    """The encoder; its embedding is the shared table where `shared`."""
    return side(c, style, repeat(c.encoder_layers, encoder_layer(c)), shared=shared)


def decoder(c: Config, style: Style, *, shared: bool, alone: bool = False) -> Module:
    """The decoder; it keeps its own keys and values, and unless it is alone those of the encoder's tokens."""
    return side(c, style, repeat(c.decoder_layers, decoder_layer(c, alone=alone)), shared=shared)


def side(c: Config, style: Style, layers: Stack, *, shared: bool) -> Module:
    """Encoder or decoder: layers between embeddings and a norm."""
    d_model, spare = c.d_model, style.spare_positions
    return module(
        embed_tokens=None if shared else embedding(c.vocab_size, d_model),
        embed_positions=None if spare is None else embedding(c.max_position_embeddings + spare, d_model),
        layers=layers,
        layernorm_embedding=layer_norm(d_model) if style.embedding_norm else None,
        layer_norm=layer_norm(d_model) if style.last_norm else None,
    )


def seq2seq(c: Config, style: Style) -> Module:
    """The usual encoder and decoder."""
    shared = c.tie_word_embeddings
    return joined(c, encoder(c, style, shared=shared), decoder(c, style, shared=shared))


def joined(c: Config, reading: Module, writing: Module, *, base: str = "model") -> Module:
    """Encoder and decoder; where tied, one table embeds both and scores the words."""
    shared = embedding(c.vocab_size, c.d_model)
    return module({base: module(shared=shared, encoder=reading, decoder=writing), "lm_head": head(c)})


def decoder_only(c: Config, style: Style) -> Module:
    """The decoder alone; transformers builds the attention to an encoder, which then keeps nothing."""
    return module(model=module(decoder=decoder(c, style, shared=False, alone=True)), lm_head=head(c))


@family("bart", "BartForConditionalGeneration")
@family("plbart", "PLBartForConditionalGeneration")
def bart(c: Config) -> Module:
    """Two spare rows of positions, a norm behind the embedding."""
    return seq2seq(c, BART)


@family("bart", "BartForCausalLM")
@family("plbart", "PLBartForCausalLM")
def bart_decoder(c: Config) -> Module:
    """BART's decoder."""
    return decoder_only(c, BART)


@family("mbart", "MBartForConditionalGeneration")
def mbart(c: Config) -> Module:
    """BART with a norm at the end as well."""
    return seq2seq(c, MBART)


@family("mbart", "MBartForCausalLM")
def mbart_decoder(c: Config) -> Module:
    """MBART's decoder."""
    return decoder_only(c, MBART)


@family("pegasus", "PegasusForConditionalGeneration")
@family("blenderbot", "BlenderbotForConditionalGeneration")
def pegasus(c: Config) -> Module:
    """A norm at the end, none behind the embedding."""
    return seq2seq(c, PEGASUS)


@family("pegasus", "PegasusForCausalLM")
@family("blenderbot", "BlenderbotForCausalLM")
def pegasus_decoder(c: Config) -> Module:
    """Pegasus' decoder."""
    return decoder_only(c, PEGASUS)


@family("blenderbot-small", "BlenderbotSmallForConditionalGeneration")
def blenderbot_small(c: Config) -> Module:
    """A norm behind the embedding, no spare positions."""
    return seq2seq(c, SMALL)


@family("blenderbot-small", "BlenderbotSmallForCausalLM")
def blenderbot_small_decoder(c: Config) -> Module:
    """Blenderbot small's decoder."""
    return decoder_only(c, SMALL)


@family("m2m_100", "M2M100ForConditionalGeneration")
def m2m_100(c: Config) -> Module:
    """Computed positions."""
    return seq2seq(c, M2M)
