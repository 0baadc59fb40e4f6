"""BART's parts, of which many encoder-decoders are made.

They differ in their position tables, and in where norms stand besides those of the layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part, Stack

BART_PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")


@dataclass(frozen=True, kw_only=True)
class BartStyle:
    """What sets one relative apart.

    Attributes:
        spare_positions: Rows of the position table beyond the positions; None: positions are computed.
        embedding_norm: Whether a norm follows the embedding.
        last_norm: Whether a norm follows the last layer.
    """

    spare_positions: int | None = 0
    embedding_norm: bool = False
    last_norm: bool = False


BART = BartStyle(spare_positions=2, embedding_norm=True)


MBART = BartStyle(spare_positions=2, embedding_norm=True, last_norm=True)


PEGASUS = BartStyle(last_norm=True)


M2M = BartStyle(spare_positions=None, last_norm=True)


def bart_attention(hidden_size: int, num_attention_heads: int, *, bias: bool = True, cached: bool = True) -> Module:
    """Attention of the usual dimensions under BART's names; arguments as of `attention`."""
    head_dim = hidden_size // num_attention_heads
    return attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        head_dim,
        bias=bias,
        names=BART_PROJECTIONS,
        cached=cached,
    )


def bart_cross_attention(
    hidden_size: int, num_attention_heads: int, *, bias: bool = True, cached: bool = True
) -> Module:
    """Attention to the encoder under BART's names; arguments as of `cross_attention`."""
    head_dim = hidden_size // num_attention_heads
    return cross_attention(hidden_size, num_attention_heads, head_dim, bias=bias, names=BART_PROJECTIONS, cached=cached)


def bart_encoder_layer(c: Config, self_attn: Module | None = None, *, bias: bool = True) -> Module:
    """Attention, here the usual unless another is given, and a feed-forward block, each with its norm."""
    d_model = c.d_model
    return module(
        self_attn=self_attn or bart_attention(d_model, c.encoder_attention_heads, bias=bias, cached=False),
        self_attn_layer_norm=layer_norm(d_model),
        fc1=linear(d_model, c.encoder_ffn_dim, bias=True),
        fc2=linear(c.encoder_ffn_dim, d_model, bias=True),
        final_layer_norm=layer_norm(d_model),
    )


def bart_decoder_layer(c: Config, *, bias: bool = True, decoder_only: bool = False) -> Module:
    """Self-attention and attention to the encoder, whose keys and values are kept unless the decoder is alone."""
    d_model, decoder_attention_heads = c.d_model, c.decoder_attention_heads
    return module(
        self_attn=bart_attention(d_model, decoder_attention_heads, bias=bias),
        self_attn_layer_norm=layer_norm(d_model),
        encoder_attn=bart_cross_attention(d_model, decoder_attention_heads, bias=bias, cached=not decoder_only),
        encoder_attn_layer_norm=layer_norm(d_model),
        fc1=linear(d_model, c.decoder_ffn_dim, bias=True),
        fc2=linear(c.decoder_ffn_dim, d_model, bias=True),
        final_layer_norm=layer_norm(d_model),
    )


def fairseq_layer(hidden_size: int, intermediate_size: int, self_attn: Module, **cross_attn: Module) -> Module:
    """Attention, by choice attention to an encoder (`cross_attn`), and two linear layers, each with its norm."""
    return module(
        {
            "self_attn": self_attn,
            "self_attn_layer_norm": layer_norm(hidden_size),
            **cross_attn,
            "fc1": linear(hidden_size, intermediate_size, bias=True),
            "fc2": linear(intermediate_size, hidden_size, bias=True),
            "final_layer_norm": layer_norm(hidden_size),
        }
    )


def fairseq_decoder_layer(c: Config, intermediate_size: int, **cross_attn: Part) -> Module:
    """A layer that keeps its keys and values, of the config's `hidden_size` and `num_attention_heads`.

    Args:
        c: The config.
        intermediate_size: Dimension between the two linear layers.
        cross_attn: Attention to an encoder and its norm, by name.
    """
    hidden_size = c.hidden_size
    return module(
        {
            "self_attn": fairseq_attention(c),
            "self_attn_layer_norm": layer_norm(hidden_size),
            **cross_attn,
            "fc1": linear(hidden_size, intermediate_size, bias=True),
            "fc2": linear(intermediate_size, hidden_size, bias=True),
            "final_layer_norm": layer_norm(hidden_size),
        }
    )


def fairseq_attention(c: Config, *, cached: bool = True) -> Module:
    """Attention of the config's `hidden_size` and `num_attention_heads`, with biases."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    return attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size // num_attention_heads,
        bias=True,
        names=BART_PROJECTIONS,
        cached=cached,
    )


def bart_encoder(c: Config, style: BartStyle, *, shared: bool) -> Module:
    """The encoder; its embedding is the shared table where `shared`."""
    return bart_side(c, style, repeat(c.encoder_layers, bart_encoder_layer(c)), shared=shared)


def bart_decoder(c: Config, style: BartStyle, *, shared: bool, decoder_only: bool = False) -> Module:
    """The decoder; it keeps its own keys and values, and unless it is alone those of the encoder's tokens."""
    return bart_side(
        c, style, repeat(c.decoder_layers, bart_decoder_layer(c, decoder_only=decoder_only)), shared=shared
    )


def bart_side(c: Config, style: BartStyle, layers: Stack, *, shared: bool) -> Module:
    """Encoder or decoder: layers between embeddings and a norm."""
    d_model, spare = c.d_model, style.spare_positions
    return module(
        embed_tokens=None if shared else embedding(c.vocab_size, d_model),
        embed_positions=None if spare is None else embedding(c.max_position_embeddings + spare, d_model),
        layers=layers,
        layernorm_embedding=layer_norm(d_model) if style.embedding_norm else None,
        layer_norm=layer_norm(d_model) if style.last_norm else None,
    )


def bart_encoder_decoder(c: Config, style: BartStyle) -> Module:
    """The usual encoder and decoder."""
    shared = c.tie_word_embeddings
    return bart_joined(c, bart_encoder(c, style, shared=shared), bart_decoder(c, style, shared=shared))


def bart_joined(c: Config, encoder: Module, decoder: Module, *, base: str = "model") -> Module:
    """Encoder and decoder; where tied, one table embeds both and scores the words."""
    shared = embedding(c.vocab_size, c.d_model)
    return module({base: module(shared=shared, encoder=encoder, decoder=decoder), "lm_head": head(c)})


def bart_decoder_only(c: Config, style: BartStyle) -> Module:
    """The decoder alone; transformers builds the attention to an encoder, which then keeps nothing."""
    return module(model=module(decoder=bart_decoder(c, style, shared=False, decoder_only=True)), lm_head=head(c))
