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
    size = c.hidden_size
    layer = _encoder_layer(c, c.num_attention_heads, c.intermediate_size)
    narrow = c.get("adapter_attn_dim")
    if narrow is not None and c.get("do_stable_layer_norm", False):
        adapter = module(
            norm=layer_norm(size),
            linear_1=linear(size, narrow, bias=True),
            linear_2=linear(narrow, size, bias=True),
        )
        layer = extended(layer, {"adapter_layer": adapter})
    return module(
        masked_spec_embed=_mask(c),
        feature_extractor=_feature_extractor(c),
        feature_projection=_feature_projection(c),
        encoder=module(
            pos_conv_embed=_positions(c), layer_norm=layer_norm(size), layers=repeat(c.num_hidden_layers, layer)
        ),
        adapter=_adapter(c) if c.add_adapter else None,
    )


def _mask(c: Config) -> Weight | None:
    """What stands for hidden stretches of sound, where training hides some."""
    hides = c.get("mask_time_prob", 0.05) > 0 or c.get("mask_feature_prob", 0.0) > 0
    return Weight((c.hidden_size,), "embedding") if hides else None


def _feature_extractor(c: Config) -> Module:
    """Convolutions over the wave: a norm behind each, or only behind the first (`feat_extract_norm`)."""
    widths, kernels = c.conv_dim, c.conv_kernel
    if len(widths) != len(kernels):
        raise inconsistent("conv_kernel", f"`conv_kernel` lists {len(kernels)} layers, but `conv_dim` {len(widths)}.")
    everywhere = c.get("feat_extract_norm", "group") == "layer"

    def layer(before: int, width: int, kernel: int, is_normed: bool) -> Module:  # noqa: FBT001 - one of its values
        return module(
            conv=conv(width, before, kernel, bias=c.conv_bias), layer_norm=layer_norm(width) if is_normed else None
        )

    normed = [everywhere or index == 0 for index in range(len(widths))]
    return module(conv_layers=stack(zip([1, *widths[:-1]], widths, kernels, normed, strict=True), layer))


def _feature_projection(c: Config) -> Module:
    width = c.conv_dim[-1]
    return module(layer_norm=layer_norm(width), projection=linear(width, c.hidden_size, bias=True))


def _positions(c: Config) -> Module:
    """A convolution that stands for positions, its weight kept as direction and length."""
    size, kernel, groups = c.hidden_size, c.num_conv_pos_embeddings, c.num_conv_pos_embedding_groups
    weight = module(original0=Weight((1, 1, kernel), "conv"), original1=Weight((size, size // groups, kernel), "conv"))
    return module(conv=module(bias=Weight((size,), "bias"), parametrizations=module(weight=weight)))


def _adapter(c: Config) -> Module:
    size = c.hidden_size
    out = c.get("output_hidden_size") or size
    layer = module(conv=conv(2 * out, out, c.get("adapter_kernel_size", 3)))
    return module(
        proj=linear(size, out, bias=True) if out != size else None,
        proj_layer_norm=layer_norm(out) if out != size else None,
        layers=repeat(c.get("num_adapter_layers", 3), layer),
    )


def _encoder_layer(c: Config, heads: int, hidden: int) -> Module:
    size = c.hidden_size
    return module(
        attention=attention(size, heads, heads, size // heads, bias=True, names=_PROJECTIONS, cached=False),
        layer_norm=layer_norm(size),
        feed_forward=mlp(size, hidden, names=_FEED_FORWARD),
        final_layer_norm=layer_norm(size),
    )


@family("speecht5", "SpeechT5ForSpeechToText")
def speecht5(c: Config) -> Module:
    """Wav2Vec2's way of hearing in front of an encoder and a decoder of text."""
    size, heads = c.hidden_size, c.decoder_attention_heads
    layer = module(
        self_attn=attention(size, heads, heads, size // heads, bias=True, names=_PROJECTIONS),
        self_attn_layer_norm=layer_norm(size),
        encoder_attn=cross_attention(size, heads, size // heads, bias=True, names=_PROJECTIONS),
        encoder_attn_layer_norm=layer_norm(size),
        feed_forward=mlp(size, c.decoder_ffn_dim, names=_FEED_FORWARD),
        final_layer_norm=layer_norm(size),
    )
    return module(
        speecht5=module(
            encoder=_speecht5_encoder(c),
            decoder=module(
                prenet=module(embed_tokens=embedding(c.vocab_size, size)),
                wrapped_decoder=module(layers=repeat(c.decoder_layers, layer)),
            ),
        ),
        text_decoder_postnet=module(lm_head=head(c)),
    )


def _speecht5_encoder(c: Config) -> Module:
    size, heads = c.hidden_size, c.encoder_attention_heads
    prenet = module(
        masked_spec_embed=_mask(c),
        feature_encoder=_feature_extractor(c),
        feature_projection=_feature_projection(c),
        pos_conv_embed=_positions(c),
    )
    wrapped = module(
        layer_norm=layer_norm(size),
        layers=repeat(c.encoder_layers, _encoder_layer(c, heads, c.encoder_ffn_dim)),
        embed_positions=module(pe_k=embedding(2 * c.encoder_max_relative_position, size // heads)),
    )
    return module(prenet=prenet, wrapped_encoder=wrapped)
