"""SeamlessM4T's sides of text, and what makes units of speech out of text: one by one, or in version 2 all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.bart import bart_attention, bart_cross_attention
from budsim_widgets.architectures.blocks.hifi_gan import duration_predictor, vocoder
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import Weight, extended, module, repeat, uncached

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_KERNEL: Final = 7


def text_encoder(c: Config) -> Module:
    """What reads."""
    return _text_side(c, c.encoder_layers, _encoder_layer(c))


def text_decoder(c: Config) -> Module:
    """What writes."""
    return _text_side(c, c.decoder_layers, _decoder_layer(c))


def speaking(c: Config, whole: Module) -> Module:
    """With what speaks: units are made one by one, after the text, and their keys are kept beside those of the text."""
    t = _of_units(c)
    decoder = uncached(text_decoder(t.changed({**t.fields, "tie_word_embeddings": False})))
    return extended(whole, {"t2u_model": _units(t, decoder), "vocoder": vocoder(c)})


def speaking_at_once(c: Config, whole: Module) -> Module:
    """With what speaks in version 2: nothing is kept for units that are made all at once."""
    t = _of_units(c)
    hidden_size, number = t.hidden_size, Weight((1,))
    layer = module(
        self_attn=bart_attention(hidden_size, t.decoder_attention_heads, cached=False),
        self_attn_layer_norm=layer_norm(hidden_size),
        conv1=conv(hidden_size, hidden_size, _KERNEL),
        conv2=conv(hidden_size, hidden_size, _KERNEL),
        conv_layer_norm=layer_norm(hidden_size),
    )
    decoder = module(
        pos_emb_alpha_char=number,
        pos_emb_alpha=number,
        embed_tokens=embedding(t.vocab_size, hidden_size),
        embed_char=embedding(c.char_vocab_size, hidden_size),
        duration_predictor=duration_predictor(
            c.t2u_variance_predictor_embed_dim,
            c.t2u_variance_predictor_hidden_dim,
            c.t2u_variance_predictor_kernel_size,
        ),
        layers=repeat(t.decoder_layers, layer),
        layer_norm=layer_norm(hidden_size),
    )
    return extended(whole, {"t2u_model": _units(t, decoder), "vocoder": vocoder(c)})


def _units(t: Config, decoder: Module) -> Module:
    encoder = module(layers=repeat(t.encoder_layers, _encoder_layer(t)), layer_norm=layer_norm(t.hidden_size))
    return module(model=module(encoder=encoder, decoder=decoder), lm_head=head(t))


def _of_units(c: Config) -> Config:
    """The config of what makes units of speech out of text: the same names with `t2u_` before them."""
    own = {
        "encoder_layers": c.t2u_encoder_layers,
        "encoder_ffn_dim": c.t2u_encoder_ffn_dim,
        "encoder_attention_heads": c.t2u_encoder_attention_heads,
        "decoder_layers": c.t2u_decoder_layers,
        "decoder_ffn_dim": c.t2u_decoder_ffn_dim,
        "decoder_attention_heads": c.t2u_decoder_attention_heads,
        "vocab_size": c.t2u_vocab_size,
    }
    return c.changed({**c.fields, **own})


def _text_side(c: Config, num_layers: int, layer: Module) -> Module:
    """Encoder or decoder of text; its positions are computed."""
    return module(
        embed_tokens=None if c.tie_word_embeddings else embedding(c.vocab_size, c.hidden_size),
        layers=repeat(num_layers, layer),
        layer_norm=layer_norm(c.hidden_size),
    )


def _encoder_layer(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        self_attn=bart_attention(hidden_size, c.encoder_attention_heads, cached=False),
        self_attn_layer_norm=layer_norm(hidden_size),
        ffn=mlp(hidden_size, c.encoder_ffn_dim, names=("fc1", "fc2")),
        ffn_layer_norm=layer_norm(hidden_size),
    )


def _decoder_layer(c: Config) -> Module:
    hidden_size, decoder_attention_heads = c.hidden_size, c.decoder_attention_heads
    return module(
        self_attn=bart_attention(hidden_size, decoder_attention_heads),
        self_attn_layer_norm=layer_norm(hidden_size),
        cross_attention=bart_cross_attention(hidden_size, decoder_attention_heads),
        cross_attention_layer_norm=layer_norm(hidden_size),
        ffn=mlp(hidden_size, c.decoder_ffn_dim, names=("fc1", "fc2")),
        ffn_layer_norm=layer_norm(hidden_size),
    )
