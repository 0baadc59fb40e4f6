"""ProphetNet: an encoder and a decoder that predicts several words ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import Module, Stack, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_PROJECTIONS = ("query_proj", "key_proj", "value_proj", "out_proj")


@family("prophetnet", "ProphetNetForConditionalGeneration")
def prophetnet(c: Config) -> Module:
    """Encoder and decoder; where tied, one table embeds both and scores the words."""
    tied = c.tie_word_embeddings
    return module(
        prophetnet=module(
            word_embeddings=embedding(c.vocab_size, c.hidden_size),
            encoder=_side(c, repeat(c.num_encoder_layers, _encoder_layer(c)), shared=tied),
            decoder=_decoder(c, shared=tied, decoder_only=False),
        ),
        lm_head=head(c),
    )


@family("prophetnet", "ProphetNetForCausalLM")
def prophetnet_decoder(c: Config) -> Module:
    """The decoder alone."""
    tied = c.tie_word_embeddings
    return module(
        prophetnet=module(
            word_embeddings=embedding(c.vocab_size, c.hidden_size), decoder=_decoder(c, shared=tied, decoder_only=True)
        ),
        lm_head=head(c),
    )


def _side(c: Config, layers: Stack, *, shared: bool, ngram_embeddings: Module | None = None) -> Module:
    return module(
        word_embeddings=None if shared else embedding(c.vocab_size, c.hidden_size),
        position_embeddings=embedding(c.max_position_embeddings, c.hidden_size),
        ngram_embeddings=ngram_embeddings,
        embeddings_layer_norm=layer_norm(c.hidden_size),
        layers=layers,
    )


def _encoder_layer(c: Config) -> Module:
    hidden_size, num_encoder_attention_heads = c.hidden_size, c.num_encoder_attention_heads
    self_attn = attention(
        hidden_size,
        num_encoder_attention_heads,
        num_encoder_attention_heads,
        hidden_size // num_encoder_attention_heads,
        bias=True,
        names=_PROJECTIONS,
        cached=False,
    )
    return _layer(hidden_size, c.encoder_ffn_dim, self_attn)


def _decoder(c: Config, *, shared: bool, decoder_only: bool) -> Module:
    hidden_size, num_decoder_attention_heads = c.hidden_size, c.num_decoder_attention_heads
    self_attn = attention(
        hidden_size,
        num_decoder_attention_heads,
        num_decoder_attention_heads,
        hidden_size // num_decoder_attention_heads,
        bias=True,
        names=_PROJECTIONS,
        relative_pos_embeddings=linear(hidden_size, c.num_buckets * num_decoder_attention_heads, bias=True),
    )
    cross_attn = {
        "cross_attn": cross_attention(
            hidden_size,
            num_decoder_attention_heads,
            hidden_size // num_decoder_attention_heads,
            bias=True,
            names=_PROJECTIONS,
            cached=not decoder_only,
        ),
        "cross_attn_layer_norm": layer_norm(hidden_size),
    }
    layer = _layer(hidden_size, c.decoder_ffn_dim, self_attn, cross_attn if c.add_cross_attention else None)
    return _side(
        c, repeat(c.num_decoder_layers, layer), shared=shared, ngram_embeddings=embedding(c.ngram, hidden_size)
    )


def _layer(
    hidden_size: int, intermediate_size: int, self_attn: Module, cross_attn: dict[str, Module] | None = None
) -> Module:
    return module(
        {
            "self_attn": self_attn,
            "self_attn_layer_norm": layer_norm(hidden_size),
            **(cross_attn or {}),
            "feed_forward": mlp(hidden_size, intermediate_size, names=("intermediate", "output")),
            "feed_forward_layer_norm": layer_norm(hidden_size),
        }
    )
