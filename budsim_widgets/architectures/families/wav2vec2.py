"""Wav2Vec2 and SpeechT5: convolutions over the sound wave itself, and an encoder behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Weight, extended, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")
_FEED_FORWARD = ("intermediate_dense", "output_dense")


@family("wav2vec2", "Wav2Vec2Model")
def wav2vec2(c: Config) -> Module:
    """Sound in, vectors out; an adapter may shorten what comes out."""
    hidden_size = c.hidden_size
    layer = _encoder_layer(c, c.num_attention_heads, c.intermediate_size)
    adapter_attn_dim = c.get("adapter_attn_dim")
    if adapter_attn_dim is not None and c.get("do_stable_layer_norm", False):
        adapter = module(
            norm=layer_norm(hidden_size),
            linear_1=linear(hidden_size, adapter_attn_dim, bias=True),
            linear_2=linear(adapter_attn_dim, hidden_size, bias=True),
        )
        layer = extended(layer, {"adapter_layer": adapter})
    return module(
        masked_spec_embed=_mask(c),
        feature_extractor=_feature_extractor(c),
        feature_projection=_feature_projection(c),
        encoder=module(
            pos_conv_embed=_positions(c), layer_norm=layer_norm(hidden_size), layers=repeat(c.num_hidden_layers, layer)
        ),
        adapter=_adapter(c) if c.add_adapter else None,
    )


def _mask(c: Config) -> Weight | None:
    """What stands for hidden stretches of sound, where training hides some."""
    hides = c.get("mask_time_prob", 0.05) > 0 or c.get("mask_feature_prob", 0.0) > 0
    return Weight((c.hidden_size,), "embedding") if hides else None


def _feature_extractor(c: Config) -> Module:
    """Convolutions over the wave: a norm behind each, or only behind the first (`feat_extract_norm`)."""
    conv_dim, kernels = c.conv_dim, c.conv_kernel
    if len(conv_dim) != len(kernels):
        raise inconsistent("conv_kernel", f"`conv_kernel` lists {len(kernels)} layers, but `conv_dim` {len(conv_dim)}.")
    everywhere = c.get("feat_extract_norm", "group") == "layer"

    def layer(in_channels: int, out_channels: int, kernel: int, is_normed: bool) -> Module:  # noqa: FBT001 - one of its values
        return module(
            conv=conv(out_channels, in_channels, kernel, bias=c.conv_bias),
            layer_norm=layer_norm(out_channels) if is_normed else None,
        )

    normed = [everywhere or index == 0 for index in range(len(conv_dim))]
    return module(conv_layers=stack(zip([1, *conv_dim[:-1]], conv_dim, kernels, normed, strict=True), layer))


def _feature_projection(c: Config) -> Module:
    channels = c.conv_dim[-1]
    return module(layer_norm=layer_norm(channels), projection=linear(channels, c.hidden_size, bias=True))


def _positions(c: Config) -> Module:
    """A convolution that stands for positions, its weight kept as direction and length."""
    hidden_size, kernel, groups = c.hidden_size, c.num_conv_pos_embeddings, c.num_conv_pos_embedding_groups
    weight = module(
        original0=Weight((1, 1, kernel), "conv"), original1=Weight((hidden_size, hidden_size // groups, kernel), "conv")
    )
    return module(conv=module(bias=Weight((hidden_size,), "bias"), parametrizations=module(weight=weight)))


def _adapter(c: Config) -> Module:
    hidden_size = c.hidden_size
    out = c.get("output_hidden_size") or hidden_size
    layer = module(conv=conv(2 * out, out, c.get("adapter_kernel_size", 3)))
    return module(
        proj=linear(hidden_size, out, bias=True) if out != hidden_size else None,
        proj_layer_norm=layer_norm(out) if out != hidden_size else None,
        layers=repeat(c.get("num_adapter_layers", 3), layer),
    )


def _encoder_layer(c: Config, num_attention_heads: int, intermediate_size: int) -> Module:
    hidden_size = c.hidden_size
    return module(
        attention=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=True,
            names=_PROJECTIONS,
            cached=False,
        ),
        layer_norm=layer_norm(hidden_size),
        feed_forward=mlp(hidden_size, intermediate_size, names=_FEED_FORWARD),
        final_layer_norm=layer_norm(hidden_size),
    )


@family("speecht5", "SpeechT5ForSpeechToText")
def speecht5(c: Config) -> Module:
    """Wav2Vec2's way of hearing in front of an encoder and a decoder of text."""
    hidden_size, decoder_attention_heads = c.hidden_size, c.decoder_attention_heads
    layer = module(
        self_attn=attention(
            hidden_size,
            decoder_attention_heads,
            decoder_attention_heads,
            hidden_size // decoder_attention_heads,
            bias=True,
            names=_PROJECTIONS,
        ),
        self_attn_layer_norm=layer_norm(hidden_size),
        encoder_attn=cross_attention(
            hidden_size, decoder_attention_heads, hidden_size // decoder_attention_heads, bias=True, names=_PROJECTIONS
        ),
        encoder_attn_layer_norm=layer_norm(hidden_size),
        feed_forward=mlp(hidden_size, c.decoder_ffn_dim, names=_FEED_FORWARD),
        final_layer_norm=layer_norm(hidden_size),
    )
    return module(
        speecht5=module(
            encoder=_speecht5_encoder(c),
            decoder=module(
                prenet=module(embed_tokens=embedding(c.vocab_size, hidden_size)),
                wrapped_decoder=module(layers=repeat(c.decoder_layers, layer)),
            ),
        ),
        text_decoder_postnet=module(lm_head=head(c)),
    )


def _speecht5_encoder(c: Config) -> Module:
    hidden_size, encoder_attention_heads = c.hidden_size, c.encoder_attention_heads
    prenet = module(
        masked_spec_embed=_mask(c),
        feature_encoder=_feature_extractor(c),
        feature_projection=_feature_projection(c),
        pos_conv_embed=_positions(c),
    )
    wrapped = module(
        layer_norm=layer_norm(hidden_size),
        layers=repeat(c.encoder_layers, _encoder_layer(c, encoder_attention_heads, c.encoder_ffn_dim)),
        embed_positions=module(
            pe_k=embedding(2 * c.encoder_max_relative_position, hidden_size // encoder_attention_heads)
        ),
    )
    return module(prenet=prenet, wrapped_encoder=wrapped)
