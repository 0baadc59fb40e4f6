"""VibeVoice, which generates speech by a diffusion head, and VibeVoice ASR, which transcribes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import (
    conv,
    depthwise_conv,
    gated_mlp,
    linear,
    mlp,
    rms_norm,
    transposed_conv,
)
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, language_model, multimodal_model
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures.config import Config


@family("vibevoice", "VibeVoiceForConditionalGeneration", kind="multimodal")
def vibevoice(c: Config) -> Module:
    """One tokenizer for the sound, one for its meaning; the text's part says whether the head is tied."""
    text, acoustic, semantic = c.text_config, c.audio_config, c.semantic_model_config
    hidden_size = text.hidden_size
    return module(
        model=module(
            latent_scaling_factor=Weight(()),
            latent_bias_factor=Weight(()),
            audio_tower=part_of(acoustic),
            language_model=language_model(text),
            multi_modal_projector=_projector(acoustic.hidden_size, hidden_size),
            semantic_tokenizer_encoder=part_of(semantic),
            semantic_connector=_projector(semantic.hidden_size, hidden_size),
            diffusion_head=_diffusion_head(c.diffusion_head_config, hidden_size, acoustic.hidden_size),
        ),
        lm_head=head(text, tied=is_tied_at_top(text)),
    )


@family("vibevoice_asr", "VibeVoiceAsrForConditionalGeneration", kind="multimodal")
def vibevoice_asr(c: Config) -> Module:
    """Speech to text; the head is never tied."""
    acoustic, semantic = c.acoustic_tokenizer_encoder_config, c.semantic_tokenizer_encoder_config
    text_hidden_size = c.text_config.hidden_size
    projector = module(
        acoustic_linear_1=linear(acoustic.hidden_size, text_hidden_size, bias=True),
        acoustic_norm=rms_norm(text_hidden_size),
        acoustic_linear_2=linear(text_hidden_size, text_hidden_size, bias=True),
        semantic_linear_1=linear(semantic.hidden_size, text_hidden_size, bias=True),
        semantic_norm=rms_norm(text_hidden_size),
        semantic_linear_2=linear(text_hidden_size, text_hidden_size, bias=True),
    )
    return multimodal_model(
        c,
        tied=False,
        acoustic_tokenizer_encoder=part_of(acoustic),
        semantic_tokenizer_encoder=part_of(semantic),
        multi_modal_projector=projector,
    )


def _projector(in_features: int, hidden_size: int) -> Module:
    return module(
        linear_1=linear(in_features, hidden_size, bias=True),
        act=rms_norm(hidden_size),
        linear_2=linear(hidden_size, hidden_size, bias=True),
    )


def _diffusion_head(c: Config, hidden_size: int, latent: int) -> Module:
    """As wide as the text model, whatever its own config says."""
    layer = module(
        ffn=gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
        norm=rms_norm(hidden_size),
        linear=linear(hidden_size, 3 * hidden_size),
    )
    return module(
        noisy_images_proj=linear(latent, hidden_size),
        cond_proj=linear(hidden_size, hidden_size),
        timestep_proj=module(fc1=linear(c.frequency_embedding_size, hidden_size), fc2=linear(hidden_size, hidden_size)),
        layers=repeat(c.num_hidden_layers, layer),
        final_layer=module(linear_1=linear(hidden_size, 2 * hidden_size), linear_2=linear(hidden_size, latent)),
    )


@family("vibevoice_acoustic_tokenizer", "VibeVoiceAcousticTokenizerModel")
def tokenizer(c: Config) -> Module:
    """Sound to latents, and back by the same way."""
    return module(encoder=tokenizer_encoder(c), decoder=_tokenizer_decoder(c))


@family("vibevoice_acoustic_tokenizer_encoder", "VibeVoiceAcousticTokenizerEncoderModel")
def tokenizer_encoder(c: Config) -> Module:
    """Stages of convolutions, each with twice the channels of the one before."""
    filters, kernel, ratios = c.num_filters, c.kernel_size, c.downsampling_ratios
    first, *others = _depths(c)

    def stage(index: int, ratio: int, depth: int) -> Module:
        channels = filters * 2 ** (index + 1)
        return module(conv=_conv(channels // 2, channels, 2 * ratio), stage=repeat(depth, _block(c, channels)))

    return module(
        stem=module(conv=_conv(c.channels, filters, kernel), stage=repeat(first, _block(c, filters))),
        conv_layers=stack(zip(range(len(ratios)), ratios, others, strict=True), stage),
        head=_conv(filters * 2 ** len(ratios), c.hidden_size, kernel),
    )


def _tokenizer_decoder(c: Config) -> Module:
    filters, kernel, ratios = c.num_filters, c.kernel_size, c.downsampling_ratios
    first, *others = reversed(_depths(c))
    widest = filters * 2 ** len(ratios)

    def stage(index: int, ratio: int, depth: int) -> Module:
        channels = widest // 2 ** (index + 1)
        lengthen = module(convtr=transposed_conv(2 * channels, channels, 2 * ratio))
        return module(convtr=lengthen, stage=repeat(depth, _block(c, channels)))

    return module(
        stem=module(conv=_conv(c.hidden_size, widest, kernel), stage=repeat(first, _block(c, widest))),
        conv_layers=stack(zip(range(len(ratios)), reversed(ratios), others, strict=True), stage),
        head=_conv(filters, c.channels, kernel),
    )


def _depths(c: Config) -> Sequence[int]:
    """Blocks of the stem and of each stage."""
    depths: Sequence[int] = c.depths
    if len(depths) != len(c.downsampling_ratios) + 1:
        message = (
            f"`depths` lists {len(depths)} stages, but `downsampling_ratios` {len(c.downsampling_ratios)} and a stem."
        )
        raise inconsistent("depths", message)
    return depths


def _conv(in_channels: int, out_channels: int, kernel: int) -> Module:
    return module(conv=conv(out_channels, in_channels, kernel))


def _block(c: Config, channels: int) -> Module:
    """A convolution of each channel by itself, and a feed-forward block."""
    scale = Weight((channels,))
    return module(
        norm=rms_norm(channels),
        ffn_norm=rms_norm(channels),
        ffn=mlp(channels, c.ffn_expansion * channels, names=("linear1", "linear2")),
        gamma=scale,
        ffn_gamma=scale,
        mixer=module(conv=depthwise_conv(channels, c.kernel_size)),
    )
