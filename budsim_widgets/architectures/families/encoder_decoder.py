"""Two models joined: an encoder of text, of sound or of pictures, and a decoder of any kind that attends to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_encoder
from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.vision import num_patches
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Stack, module, uncached
from budsim_widgets.architectures.registry import family, part_of
from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from typing import Any

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part

_CROSS_ATTENTION = {
    "bart": "encoder_attn",
    "bert": "crossattention",
    "bert-generation": "crossattention",
    "camembert": "crossattention",
    "mbart": "encoder_attn",
    "roberta": "crossattention",
    "trocr": "encoder_attn",
    "xlm-roberta": "crossattention",
}
"""Decoders that can attend to an encoder, and the name of that attention."""


_POOLED = {"bert": True, "bert-generation": False, "camembert": True, "roberta": True, "xlm-roberta": True}
"""Encoders of text, and whether they have a layer that pools."""


@family("encoder-decoder", "EncoderDecoderModel")
def encoder_decoder(c: Config) -> Module:
    """Two BERTs or their relatives; the decoder says itself what is tied."""
    return module(
        encoder=_text_encoder(c.encoder),
        decoder=decoder_with_encoder_cache(c),
        enc_to_dec_proj=between(c.encoder, c.decoder),
    )


@family("speech-encoder-decoder", "SpeechEncoderDecoderModel")
def speech_encoder_decoder(c: Config) -> Module:
    """Wav2Vec2 and a decoder of text."""
    encoder_hidden_size = c.encoder.get("output_hidden_size") or c.encoder.hidden_size
    return module(
        encoder=part_of(c.encoder),
        decoder=decoder_with_encoder_cache(c),
        enc_to_dec_proj=between(c.encoder, c.decoder, encoder_hidden_size=encoder_hidden_size),
    )


def _text_encoder(c: Config) -> Module:
    pooled = _POOLED.get(c.model_type)
    if pooled is None:
        raise _undescribed("An encoder", c.model_type, _POOLED, "encoder")
    kinds: dict[str, Part | None] = {} if pooled else {"token_type_embeddings": None}
    pooler = module(dense=linear(c.hidden_size, c.hidden_size, bias=True))
    return module(
        embeddings=bert_embeddings(c, kinds), encoder=uncached(bert_encoder(c)), pooler=pooler if pooled else None
    )


def decoder_with_encoder_cache(c: Config, *, fixed_tokens: int | None = None) -> Module:
    """The decoder, which keeps the keys and values of the encoder's tokens.

    Args:
        c: The config of both: `decoder`.
        fixed_tokens: Tokens of the encoder, where it always yields as many.

    Raises:
        ConfigError: `UNSUPPORTED`, for a decoder that isn't described as one that attends to an encoder.
    """
    decoder = c.decoder
    name = _CROSS_ATTENTION.get(decoder.model_type)
    if name is None:
        raise _undescribed("A decoder", decoder.model_type, _CROSS_ATTENTION, "decoder")
    num_attention_heads = decoder.num_attention_heads
    head_dim = decoder.hidden_size // num_attention_heads
    cache = CrossAttentionCache(
        num_attention_heads=num_attention_heads,
        num_key_value_heads=num_attention_heads,
        key_head_dim=head_dim,
        value_head_dim=head_dim,
        fixed_tokens=fixed_tokens,
    )
    return _keeping(part_of(decoder), name, cache)


def _undescribed(what: str, model_type: str, known: dict[str, Any], field: str) -> ConfigError:
    names = ", ".join(sorted(known))
    message = f"{what} of type {quoted(model_type)} isn't described here, but {names} are."
    return ConfigError("UNSUPPORTED", message, field=field)


def between(encoder: Config, decoder: Config, *, encoder_hidden_size: int | None = None) -> Module | None:
    """The linear layer between unequal hidden sizes.

    Args:
        encoder: The encoder's config.
        decoder: The decoder's config.
        encoder_hidden_size: Hidden size of what the encoder yields, where that isn't its `hidden_size`.

    Raises:
        ConfigError: `INCONSISTENT`, where the decoder is made for vectors of another hidden size.
    """
    encoder_hidden_size = encoder.hidden_size if encoder_hidden_size is None else encoder_hidden_size
    cross_attention_hidden_size = decoder.get("cross_attention_hidden_size")
    if cross_attention_hidden_size is not None and cross_attention_hidden_size != encoder.hidden_size:
        message = (
            f"`cross_attention_hidden_size` is {cross_attention_hidden_size}, but the encoder's `hidden_size` is "
            f"{encoder.hidden_size}."
        )
        raise inconsistent("cross_attention_hidden_size", message)
    if cross_attention_hidden_size is not None or encoder_hidden_size == decoder.hidden_size:
        return None
    return linear(encoder.hidden_size, decoder.hidden_size, bias=True)


def _keeping(whole: Module, name: str, cache: CrossAttentionCache) -> Module:
    """The same module, in which every attention of this name keeps the encoder's keys and values."""
    children = {key: _in_part(child, name, cache) for key, child in whole.children.items()}
    cross_attention = children.get(name)
    if isinstance(cross_attention, Module):
        children[name] = Module(cross_attention.children, (cache,))
    return Module(children, whole.cache, whole.active_share)


def _in_part(part: Part, name: str, cache: CrossAttentionCache) -> Part:
    if isinstance(part, Stack):
        return Stack(tuple((_in_part(layer, name, cache), places) for layer, places in part.kinds), part.prefix)
    return _keeping(part, name, cache) if isinstance(part, Module) else part


@family("vision-encoder-decoder", "VisionEncoderDecoderModel")
def vision_encoder_decoder(c: Config) -> Module:
    """The decoder says itself what is tied; between unequal hidden sizes stands a linear layer."""
    tokens = num_patches(c.encoder) + 1 if c.encoder.model_type == "vit" else None
    return module(
        encoder=part_of(c.encoder),
        decoder=decoder_with_encoder_cache(c, fixed_tokens=tokens),
        enc_to_dec_proj=between(c.encoder, c.decoder),
    )
