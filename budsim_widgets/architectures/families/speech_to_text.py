"""Speech2Text, Moonshine, Pop2Piano and Dia: small encoders and decoders of sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import (
    conv,
    embedding,
    fused_gated_mlp,
    layer_norm,
    linear,
    mlp,
    rms_norm,
)
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.families.bart import Style, decoder_layer, encoder_layer, side
from budsim_widgets.architectures.families.t5 import t5, t5_notes
from budsim_widgets.architectures.parts import Module, extended, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_COMPUTED_POSITIONS = Style(spare_positions=None, last_norm=True)


@family("speech_to_text", "Speech2TextForConditionalGeneration")
def speech_to_text(c: Config) -> Module:
    """BART's layers behind convolutions that shorten the spectrogram."""
    reading = side(c, _COMPUTED_POSITIONS, repeat(c.encoder_layers, encoder_layer(c)), shared=True)
    writing = side(c, _COMPUTED_POSITIONS, repeat(c.decoder_layers, decoder_layer(c)), shared=False)
    return module(model=module(encoder=extended(reading, {"conv": _subsampler(c)}), decoder=writing), lm_head=head(c))


def _subsampler(c: Config) -> Module:
    """Gated convolutions: each yields twice the channels that the next one reads."""
    kernels, count = c.conv_kernel_sizes, c.num_conv_layers
    if len(kernels) != count:
        message = f"`conv_kernel_sizes` lists {len(kernels)} layers, but `num_conv_layers` is {count}."
        raise inconsistent("conv_kernel_sizes", message)
    in_channels, conv_channels = c.input_feat_per_channel * c.input_channels, c.conv_channels

    def layer(is_first: bool, is_last: bool, kernel: int) -> Module:  # noqa: FBT001 - two of its values
        return conv(
            2 * c.d_model if is_last else conv_channels, in_channels if is_first else conv_channels // 2, kernel
        )

    places = ((index == 0, index == count - 1, kernel) for index, kernel in enumerate(kernels))
    return module(conv_layers=stack(places, layer))


@family("moonshine", "MoonshineForConditionalGeneration")
def moonshine(c: Config) -> Module:
    """Hears the wave itself; norms without biases, a gated feed-forward block in the decoder."""
    hidden_size = c.hidden_size
    encoder = module(
        conv1=conv(hidden_size, 1, 127, bias=False),
        conv2=conv(2 * hidden_size, hidden_size, 7),
        conv3=conv(hidden_size, 2 * hidden_size, 3),
        groupnorm=layer_norm(hidden_size),
        layers=repeat(c.encoder_num_hidden_layers, _moonshine_encoder_layer(c)),
        layer_norm=layer_norm(hidden_size, bias=False),
    )
    decoder = module(
        embed_tokens=embedding(c.vocab_size, hidden_size),
        layers=repeat(c.decoder_num_hidden_layers, _moonshine_decoder_layer(c)),
        norm=layer_norm(hidden_size, bias=False),
    )
    return module(model=module(encoder=encoder, decoder=decoder), proj_out=head(c))


def _moonshine_encoder_layer(c: Config) -> Module:
    hidden_size, encoder_num_attention_heads, norm = (
        c.hidden_size,
        c.encoder_num_attention_heads,
        layer_norm(c.hidden_size, bias=False),
    )
    encoder_num_key_value_heads = c.get("encoder_num_key_value_heads", encoder_num_attention_heads)
    return module(
        self_attn=attention(
            hidden_size,
            encoder_num_attention_heads,
            encoder_num_key_value_heads,
            c.get("head_dim", hidden_size // encoder_num_attention_heads),
            bias=c.attention_bias,
            out_bias=False,
            cached=False,
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=norm,
        post_attention_layernorm=norm,
    )


def _moonshine_decoder_layer(c: Config) -> Module:
    hidden_size, norm = c.hidden_size, layer_norm(c.hidden_size, bias=False)
    # Building the encoder, transformers 5 writes its heads into the config, and the decoder takes them from there.
    source = "encoder" if c.encoder_num_hidden_layers else "decoder"
    num_attention_heads = c.get(f"{source}_num_attention_heads")
    num_key_value_heads = c.get(f"{source}_num_key_value_heads", num_attention_heads)
    head_dim, bias = c.get("head_dim", hidden_size // num_attention_heads), c.attention_bias
    own = attention(hidden_size, num_attention_heads, num_key_value_heads, head_dim, bias=bias, out_bias=False)
    read = cross_attention(
        hidden_size, num_attention_heads, head_dim, bias=bias, out_bias=False, num_key_value_heads=num_key_value_heads
    )
    return module(
        self_attn=own,
        encoder_attn=read,
        mlp=module(
            fc1=linear(hidden_size, 2 * c.intermediate_size, bias=True),
            fc2=linear(c.intermediate_size, hidden_size, bias=True),
        ),
        input_layernorm=norm,
        post_attention_layernorm=norm,
        final_layernorm=norm,
    )


@family("pop2piano", "Pop2PianoForConditionalGeneration", notes=t5_notes)
def pop2piano(c: Config) -> Module:
    """T5 told which composer to sound like; its head is never tied."""
    conditioner = module(embedding=embedding(c.composer_vocab_size, c.d_model))
    return extended(t5(c), {"mel_conditioner": conditioner, "lm_head": head(c, tied=False)})


@family("dia", "DiaForConditionalGeneration")
def dia(c: Config) -> Module:
    """Reads letters, and writes several channels of sound at once."""
    reading, writing = c.encoder_config, c.decoder_config
    rows = writing.vocab_size * writing.num_channels
    return module(
        model=module(
            encoder=module(
                embedding=embedding(reading.vocab_size, reading.hidden_size),
                layers=repeat(reading.num_hidden_layers, _dia_encoder_layer(reading)),
                norm=rms_norm(reading.hidden_size),
            ),
            decoder=module(
                embeddings=module(embed=embedding(rows, writing.hidden_size)),
                layers=repeat(writing.num_hidden_layers, _dia_decoder_layer(writing)),
                norm=rms_norm(writing.hidden_size),
            ),
        ),
        logits_dense=linear(writing.hidden_size, rows, role="head"),
    )


def _dia_encoder_layer(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        pre_sa_norm=rms_norm(hidden_size),
        self_attention=attention(hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, cached=False),
        post_sa_norm=rms_norm(hidden_size),
        mlp=fused_gated_mlp(hidden_size, c.intermediate_size),
    )


def _dia_decoder_layer(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        self_attention=attention(hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim),
        cross_attention=cross_attention(
            hidden_size,
            c.cross_num_attention_heads,
            c.cross_head_dim,
            num_key_value_heads=c.cross_num_key_value_heads,
            source_hidden_size=c.cross_hidden_size,
        ),
        pre_sa_norm=rms_norm(hidden_size),
        pre_ca_norm=rms_norm(hidden_size),
        pre_mlp_norm=rms_norm(hidden_size),
        mlp=fused_gated_mlp(hidden_size, c.intermediate_size),
    )
