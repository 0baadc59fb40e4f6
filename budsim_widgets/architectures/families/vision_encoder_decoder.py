"""A vision tower and a text decoder of any kind: TrOCR, ViT with a BERT or a RoBERTa."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.attention import attention
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.parts import Module, Stack, Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of
from budsim_widgets.architectures.vision import height_and_width, num_patches
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part

_READING = {
    "bart": "encoder_attn",
    "bert": "crossattention",
    "camembert": "crossattention",
    "mbart": "encoder_attn",
    "roberta": "crossattention",
    "trocr": "encoder_attn",
    "xlm-roberta": "crossattention",
}
"""Decoders that can read an encoder, and the name of the attention that does."""


@family("vision-encoder-decoder", "VisionEncoderDecoderModel")
def vision_encoder_decoder(c: Config) -> Module:
    """The decoder says itself what is tied; between unequal widths stands a linear layer."""
    encoder, decoder = c.encoder, c.decoder
    name = _READING.get(decoder.model_type)
    if name is None:
        known = ", ".join(sorted(_READING))
        message = f"A decoder of type {str(decoder.model_type)[:60]!r} isn't described here, but {known} are."
        raise ConfigError("UNSUPPORTED", message, field="decoder")
    return module(
        encoder=part_of(encoder),
        decoder=_keeping(part_of(decoder), name, _cache(c)),
        enc_to_dec_proj=_between(encoder, decoder),
    )


def _between(encoder: Config, decoder: Config) -> Module | None:
    reads = decoder.get("cross_attention_hidden_size")
    if reads is not None and reads != encoder.hidden_size:
        message = f"The decoder reads vectors of width {reads}, but the encoder's have {encoder.hidden_size}."
        raise inconsistent("cross_attention_hidden_size", message)
    if reads is not None or encoder.hidden_size == decoder.hidden_size:
        return None
    return linear(encoder.hidden_size, decoder.hidden_size, bias=True)


def _cache(c: Config) -> CrossAttentionCache:
    heads = c.decoder.num_attention_heads
    head_dim = c.decoder.hidden_size // heads
    return CrossAttentionCache(
        num_attention_heads=heads,
        num_key_value_heads=heads,
        key_head_dim=head_dim,
        value_head_dim=head_dim,
        fixed_tokens=num_patches(c.encoder) + 1 if c.encoder.model_type == "vit" else None,
    )


def _keeping(whole: Module, name: str, cache: CrossAttentionCache) -> Module:
    """The same module, in which every attention of this name keeps what it read."""
    children = {key: _in_part(child, name, cache) for key, child in whole.children.items()}
    reader = children.get(name)
    if isinstance(reader, Module):
        children[name] = Module(reader.children, (cache,))
    return Module(children, whole.cache, whole.active_share)


def _in_part(part: Part, name: str, cache: CrossAttentionCache) -> Part:
    if isinstance(part, Stack):
        return Stack(tuple((_in_part(layer, name, cache), places) for layer, places in part.kinds))
    return _keeping(part, name, cache) if isinstance(part, Module) else part


@family("vit", "ViTModel")
def vit(c: Config) -> Module:
    """A vector for the whole picture, learned positions, and a layer that pools."""
    size, heads = c.hidden_size, c.num_attention_heads
    layer = module(
        attention=attention(size, heads, heads, c.head_dim, bias=c.get("qkv_bias", True), out_bias=True, cached=False),
        layernorm_before=layer_norm(size),
        layernorm_after=layer_norm(size),
        mlp=mlp(size, c.intermediate_size, names=("fc1", "fc2")),
    )
    return module(
        embeddings=module(
            cls_token=Weight((1, 1, size)),
            patch_embeddings=module(
                projection=conv(size, c.num_channels, *height_and_width(c.patch_size, "patch_size"))
            ),
            position_embeddings=Weight((1, num_patches(c) + 1, size)),
        ),
        layers=repeat(c.num_hidden_layers, layer),
        layernorm=layer_norm(size),
        pooler=module(dense=linear(size, c.get("pooler_output_size") or size, bias=True)),
    )
