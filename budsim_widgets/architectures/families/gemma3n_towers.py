"""What Gemma 3n sees and hears with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.layers import conv, depthwise_conv, linear, rms_norm
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.config import Config

_MOBILENET: Final = "mobilenetv5_300m_enc"

# Inverted blocks: channels in, between and out, kernels at the start and in the middle.
# Attention: channels, width of the queries, of the one key head, kernel that pools the keys.
_STAGES: Final = (
    (("edge", 64, 256, 128), ("edge", 128, 512, 128), ("edge", 128, 512, 128)),
    (("inverted", 128, 768, 256, 3, 5), *(("inverted", 256, 1024, 256, kernel) for kernel in (5, 3, 5, 3))),
    (
        ("inverted", 256, 1536, 640, 5, 5),
        *(("inverted", 640, 2560, 640, 5),) * 7,
        ("inverted", 640, 640, 640),
        *(("attention", 640, 768, 64, 3), ("inverted", 640, 1280, 640)) * 14,
    ),
    (
        ("inverted", 640, 3840, 1280, 5, 5),
        *(("attention", 1280, 1536, 96), ("inverted", 1280, 2560, 1280)) * 19,
    ),
)


@family("gemma3n_vision", "TimmWrapperModel")
def gemma3n_vision(c: Config) -> Module:
    """MobileNet V5 as timm has it, of 300 million parameters; the config only names it."""
    if c.architecture != _MOBILENET or "model_args" in c:
        message = f"Of timm's vision towers, only {_MOBILENET} without further arguments is described."
        raise ConfigError("UNSUPPORTED", message, field="vision_config.architecture")
    return module(
        timm_model=module(
            conv_stem=module(conv=conv(64, 3, 3, 3), bn=rms_norm(64)),
            blocks=stack([(stage,) for stage in _STAGES], lambda stage: stack(stage, _block)),
            msfa=module(ffn=_inverted(1920, 3840, 2048, scaled=False), norm=rms_norm(2048)),
        )
    )


@family("gemma3n_audio", "Gemma3nAudioEncoder")
def gemma3n_audio(c: Config) -> Module:
    """Two convolutions over time and frequency, then a conformer."""
    channels = c.get("sscp_conv_channel_size", (128, 32))
    kernels = c.get("sscp_conv_kernel_size", ((3, 3), (3, 3)))
    frequencies = c.input_feat_size
    for (_, kernel), (_, stride) in zip(kernels, c.get("sscp_conv_stride_size", ((2, 2), (2, 2))), strict=True):
        frequencies = (frequencies + 2 - kernel) // stride + 1
    subsampling = {
        f"conv_{index}": module(conv=conv(out, into, *kernels[index], bias=False), norm=rms_norm(out))
        for index, (into, out) in enumerate(((1, channels[0]), (channels[0], channels[1])))
    }
    input_proj = linear(channels[-1] * frequencies, c.hidden_size)
    return module(
        subsample_conv_projection=module(subsampling, input_proj_linear=input_proj),
        conformer=repeat(c.conf_num_hidden_layers, _conformer_block(c)),
    )


def _block(kind: str, *dims: int) -> Module:
    kinds: dict[str, Callable[..., Module]] = {"edge": _edge, "inverted": _inverted, "attention": _attention}
    return kinds[kind](*dims)


def _edge(into: int, between: int, out: int) -> Module:
    return module(
        conv_exp=conv(between, into, 3, 3, bias=False),
        bn1=rms_norm(between),
        conv_pwl=conv(out, between, 1, 1, bias=False),
        bn2=rms_norm(out),
    )


def _inverted(  # noqa: PLR0913 - the dimensions of a block
    into: int, between: int, out: int, start: int = 0, middle: int = 0, *, scaled: bool = True
) -> Module:
    return module(
        dw_start=_normed_conv(into, 1, start) if start else None,
        pw_exp=_normed_conv(between, into, 1),
        dw_mid=_normed_conv(between, 1, middle) if middle else None,
        pw_proj=_normed_conv(out, between, 1),
        layer_scale=module(gamma=Weight((out,))) if scaled else None,
    )


def _normed_conv(out: int, into: int, kernel: int) -> Module:
    return module(conv=conv(out, into, kernel, kernel, bias=False), bn=rms_norm(out))


def _attention(channels: int, queries: int, keys: int, pooling: int = 0) -> Module:
    """Multi-query attention over a picture, whose keys and values may be pooled first."""
    pooled = module(
        down_conv=conv(channels, 1, pooling, pooling, bias=False) if pooling else None,
        norm=rms_norm(channels) if pooling else None,
        proj=conv(keys, channels, 1, 1, bias=False),
    )
    attn = module(
        query=module(proj=conv(queries, channels, 1, 1, bias=False)),
        key=pooled,
        value=pooled,
        output=module(proj=conv(channels, queries, 1, 1, bias=False)),
    )
    return module(norm=rms_norm(channels), attn=attn, layer_scale=module(gamma=Weight((channels,))))


def _conformer_block(c: Config) -> Module:
    hidden_size, norm = c.hidden_size, rms_norm(c.hidden_size)
    head_dim = hidden_size // c.conf_num_attention_heads
    projection_size = head_dim * c.conf_num_attention_heads
    feed_forward = module(
        pre_layer_norm=norm,
        ffw_layer_1=linear(hidden_size, 4 * hidden_size),
        ffw_layer_2=linear(4 * hidden_size, hidden_size),
        post_layer_norm=norm,
    )
    attn = module(
        {name: linear(hidden_size, projection_size) for name in ("q_proj", "k_proj", "v_proj")},
        per_dim_scale=Weight((head_dim,)),
        relative_position_embedding=module(pos_proj=linear(hidden_size, projection_size)),
    )
    light_conv = module(
        pre_layer_norm=norm,
        linear_start=linear(hidden_size, 2 * hidden_size),
        depthwise_conv1d=depthwise_conv(hidden_size, c.conf_conv_kernel_size, bias=False),
        conv_norm=norm,
        linear_end=linear(hidden_size, hidden_size),
    )
    return module(
        ffw_layer_start=feed_forward,
        attention=module(pre_attn_norm=norm, attn=attn, post=linear(hidden_size, hidden_size), post_norm=norm),
        lconv1d=light_conv,
        ffw_layer_end=feed_forward,
        norm=norm,
    )
