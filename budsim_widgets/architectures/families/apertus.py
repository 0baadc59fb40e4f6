"""Apertus, and Apertus 1.5, to which pictures and sound are tokens as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import self_attention
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.blocks.vq_gan import group_norm, resampling, residual
from budsim_widgets.architectures.parts import Weight, extended, module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("apertus", "ApertusForCausalLM")
def apertus(c: Config) -> Module:
    """A plain feed-forward block whose activation learns two numbers."""
    hidden_size = c.hidden_size
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias, qk_norm=rms_norm(c.head_dim)),
        mlp=module({**mlp(hidden_size, c.intermediate_size, bias=False).children, "act_fn": _activation(c)}),
        attention_layernorm=rms_norm(hidden_size),
        feedforward_layernorm=rms_norm(hidden_size),
    )
    return uniform_decoder(c, layer)


def _activation(c: Config) -> Module | None:
    """What two of the activations learn."""
    names = {"xielu": ("alpha_p", "alpha_n"), "prelu": ("weight",)}.get(c.get("hidden_act", "xielu"))
    return module(dict.fromkeys(names, Weight((1,)))) if names else None


@family("apertus1p5_text", "Apertus1p5TextForCausalLM")
def apertus1p5_text(c: Config) -> Module:
    """The head may score only the first tokens, those of text."""
    whole = apertus(c)
    return whole if "lm_head" not in whole.children else extended(whole, {"lm_head": _head(c)})


@family("apertus1p5", "Apertus1p5ForConditionalGeneration", kind="multimodal")
def apertus1p5(c: Config) -> Module:
    """What makes tokens of pictures and of sound stays in fp32."""
    tied = is_tied_at_top(c)
    return multimodal_model(
        c,
        tied=tied,
        own_head=None if tied else _head(c.text_config),
        vision_tokenizer=part_of(c.vision_config),
        audio_tokenizer=part_of(c.audio_config),
    )


@family("apertus1p5_vision_tokenizer", "Apertus1p5VisionTokenizerModel")
def apertus1p5_vision_tokenizer(c: Config) -> Module:
    """Convolutions that halve the picture stage by stage, and a codebook."""
    base, ratios = c.base_channels, tuple(c.channel_multiplier)
    widths = [base * ratio for ratio in ratios]
    stages = {
        str(index): _stage(c, index, in_channels, out_channels, is_last=index == len(ratios) - 1)
        for index, (in_channels, out_channels) in enumerate(zip([base, *widths], widths, strict=False))
    }
    last = widths[-1]
    middle = residual(last, last)
    return module(
        encoder=module(
            conv_in=conv(base, c.in_channels, 3, 3),
            stages=module(stages),
            mid=module(block_1=middle, attn_1=_attention(last), block_2=middle),
            norm_out=group_norm(last),
            conv_out=conv(c.latent_channels, last, 3, 3),
        ),
        quantize=module(embedding=linear(c.embed_dim, c.codebook_size)),
        quant_conv=conv(c.embed_dim, c.latent_channels, 1, 1),
    )


def _head(c: Config) -> Module:
    return linear(c.hidden_size, c.get("output_vocab_size") or c.vocab_size, role="head")


def _stage(c: Config, index: int, in_channels: int, out_channels: int, *, is_last: bool) -> Module:
    """Blocks, with attention where the picture is small enough."""
    attends = c.resolution // 2**index in c.attn_resolutions
    layers: dict[str, Part] = {}
    for block in range(c.num_res_blocks):
        resnet = residual(in_channels if block == 0 else out_channels, out_channels)
        layers[str(block)] = module(resnet=resnet, attention=_attention(out_channels) if attends else None)
    return module(layers=module(layers), downsample=None if is_last else resampling(out_channels))


def _attention(channels: int) -> Module:
    projection = conv(channels, channels, 1, 1)
    return module(norm=group_norm(channels), q=projection, k=projection, v=projection, proj_out=projection)
