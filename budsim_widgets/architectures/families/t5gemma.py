"""T5Gemma and its second version: Gemma's layers as an encoder and a decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import cross_attention, kv_cache
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import head, layer_types, self_attention, window_of
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.parts import Module, Part, Stack, Weight, extended, module, repeat, stack, uncached
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_FULL_EVERY = 2
_FULL_EVERY_2 = 6


def _layer(c: Config, self_attn: Module, **more: Part) -> Module:
    """A norm before and after each block."""
    norm = rms_norm(c.hidden_size)
    return module(
        {
            "self_attn": self_attn,
            "pre_self_attn_layernorm": norm,
            "post_self_attn_layernorm": norm,
            "mlp": gated_mlp(c.hidden_size, c.intermediate_size),
            "pre_feedforward_layernorm": norm,
            "post_feedforward_layernorm": norm,
            **more,
        }
    )


@family("t5gemma", "T5GemmaForConditionalGeneration")
def t5gemma(c: Config) -> Module:
    """Gemma 2's layers, the decoder's with attention to the encoder."""
    reading, writing = c.encoder, c.decoder
    norm = rms_norm(writing.hidden_size)
    crossing = cross_attention(
        writing.hidden_size,
        writing.num_attention_heads,
        writing.head_dim,
        bias=writing.attention_bias,
        num_key_value_heads=writing.num_key_value_heads,
        source_hidden_size=reading.hidden_size,
    )

    def write(kind: str) -> Module:
        attend = self_attention(writing, bias=writing.attention_bias, window=window_of(writing, kind))
        return _layer(
            writing, attend, cross_attn=crossing, pre_cross_attn_layernorm=norm, post_cross_attn_layernorm=norm
        )

    read = _layer(reading, uncached(self_attention(reading, bias=reading.attention_bias)))
    return module(
        model=module(
            encoder=_side(reading, repeat(reading.num_hidden_layers, read)),
            decoder=_side(writing, stack(layer_types(writing, full_every=_FULL_EVERY), write)),
        ),
        lm_head=_head(c),
    )


def _side(c: Config, layers: Stack) -> Module:
    return module(embed_tokens=embedding(c.vocab_size, c.hidden_size), layers=layers, norm=rms_norm(c.hidden_size))


def _head(c: Config) -> Module | None:
    return None if c.tie_word_embeddings else module(out_proj=head(c.decoder, tied=False))


@family("t5gemma2", "T5Gemma2ForConditionalGeneration", kind="encoder-decoder")
def t5gemma2(c: Config) -> Module:
    """An encoder that sees, and a decoder whose one attention is for both its own tokens and the encoder's."""
    text, vision, writing = c.encoder.text_config, c.encoder.vision_config, c.decoder
    read = _layer(text, uncached(_normed_attention(text)))
    encoder = module(
        text_model=_marked(text, repeat(text.num_hidden_layers, read)),
        vision_tower=part_of(vision),
        multi_modal_projector=module(
            mm_input_projection_weight=Weight((vision.hidden_size, text.hidden_size), "linear"),
            mm_soft_emb_norm=rms_norm(vision.hidden_size),
        ),
    )
    kinds = layer_types(writing, full_every=writing.get("sliding_window_pattern", _FULL_EVERY_2))
    decoder = _marked(writing, stack(kinds, lambda kind: _layer(writing, _merged_attention(writing, kind))))
    if c.tie_word_embeddings:
        decoder = extended(decoder, {"embed_tokens": None})
    return module(model=module(encoder=encoder, decoder=decoder), lm_head=_head(c))


def _marked(c: Config, layers: Stack) -> Module:
    """One side, whose embedding has a vector of its own for the end of a picture."""
    usual = _side(c, layers)
    table = embedding(c.vocab_size, c.hidden_size)
    return extended(usual, {"embed_tokens": extended(table, {"eoi_embedding": Weight((c.hidden_size,), "embedding")})})


def _normed_attention(c: Config) -> Module:
    return self_attention(c, bias=c.attention_bias, qk_norm=rms_norm(c.head_dim))


def _merged_attention(c: Config, kind: str) -> Module:
    num_attention_heads, num_key_value_heads, head_dim = c.num_attention_heads, c.num_key_value_heads, c.head_dim
    own = kv_cache(num_attention_heads, num_key_value_heads, head_dim, window=window_of(c, kind))
    read = CrossAttentionCache(
        num_attention_heads=num_attention_heads,
        num_key_value_heads=num_key_value_heads,
        key_head_dim=head_dim,
        value_head_dim=head_dim,
    )
    return module(_normed_attention(c).children, cache=(own, read))
