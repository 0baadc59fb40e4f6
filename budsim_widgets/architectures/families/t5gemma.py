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
    encoder_config, decoder_config = c.encoder, c.decoder
    norm = rms_norm(decoder_config.hidden_size)
    cross_attn = cross_attention(
        decoder_config.hidden_size,
        decoder_config.num_attention_heads,
        decoder_config.head_dim,
        bias=decoder_config.attention_bias,
        num_key_value_heads=decoder_config.num_key_value_heads,
        source_hidden_size=encoder_config.hidden_size,
    )

    def write(kind: str) -> Module:
        self_attn = self_attention(
            decoder_config, bias=decoder_config.attention_bias, window=window_of(decoder_config, kind)
        )
        return _layer(
            decoder_config,
            self_attn,
            cross_attn=cross_attn,
            pre_cross_attn_layernorm=norm,
            post_cross_attn_layernorm=norm,
        )

    read = _layer(encoder_config, uncached(self_attention(encoder_config, bias=encoder_config.attention_bias)))
    return module(
        model=module(
            encoder=_side(encoder_config, repeat(encoder_config.num_hidden_layers, read)),
            decoder=_side(decoder_config, stack(layer_types(decoder_config, full_every=_FULL_EVERY), write)),
        ),
        lm_head=_head(c),
    )


def _side(c: Config, layers: Stack) -> Module:
    return module(embed_tokens=embedding(c.vocab_size, c.hidden_size), layers=layers, norm=rms_norm(c.hidden_size))


def _head(c: Config) -> Module | None:
    return None if c.tie_word_embeddings else module(out_proj=head(c.decoder, tied=False))


@family("t5gemma2", "T5Gemma2ForConditionalGeneration", kind="encoder-decoder")
def t5gemma2(c: Config) -> Module:
    """An encoder with a vision tower, and a decoder with one attention for both its own tokens and the encoder's."""
    text, vision, decoder_config = c.encoder.text_config, c.encoder.vision_config, c.decoder
    read = _layer(text, uncached(_normed_attention(text)))
    encoder = module(
        text_model=_marked(text, repeat(text.num_hidden_layers, read)),
        vision_tower=part_of(vision),
        multi_modal_projector=module(
            mm_input_projection_weight=Weight((vision.hidden_size, text.hidden_size), "linear"),
            mm_soft_emb_norm=rms_norm(vision.hidden_size),
        ),
    )
    kinds = layer_types(decoder_config, full_every=decoder_config.get("sliding_window_pattern", _FULL_EVERY_2))
    decoder = _marked(
        decoder_config, stack(kinds, lambda kind: _layer(decoder_config, _merged_attention(decoder_config, kind)))
    )
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
