"""The vision tower of Gemma 3n: MobileNet V5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, rms_norm
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

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
