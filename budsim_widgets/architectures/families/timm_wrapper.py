"""timm's FastViT, whose first stages mix by convolutions and whose last ones by attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_MCI3_STAGES = ((96, 2), (192, 12), (384, 24), (768, 4), (1536, 2))
"""Width and blocks of each stage of `fastvit_mci3`."""


_CONVOLUTIONAL_STAGES = 3


_RATIO = 4


_SQUEEZE = 16


@family("timm_wrapper", "TimmWrapperModel")
def timm_wrapper(c: Config) -> Module:
    """Of timm's towers the one that FastVLM has, its branches merged as for inference.

    Raises:
        ConfigError: `UNSUPPORTED`, for another tower, or one whose branches aren't merged.
    """
    # A file that says nothing of the tower means FastVLM's, which is merged; one that describes it says so.
    merged = c.model_args.get("inference_mode", False) if "model_args" in c else "hidden_size" not in c
    if c.architecture != "fastvit_mci3" or not merged:
        message = f"The tower {quoted(c.architecture)} of timm isn't described, but `fastvit_mci3` for inference is."
        raise ConfigError("UNSUPPORTED", message, field="architecture")
    first, last = _MCI3_STAGES[0][0], _MCI3_STAGES[-1][0]
    squeezed = 2 * last // _SQUEEZE
    final = module(
        se=module(fc1=conv(squeezed, 2 * last, 1, 1), fc2=conv(2 * last, squeezed, 1, 1)),
        reparam_conv=conv(2 * last, 1, 3, 3),
    )
    stem = {"0": _merged(first, 3, 3), "1": _merged(first, 1, 3), "2": _merged(first, first, 1)}
    stages = module({str(index): _stage(index) for index in range(len(_MCI3_STAGES))})
    return module(timm_model=module(stem=module(stem), stages=stages, final_conv=final))


def _stage(index: int) -> Module:
    channels, count = _MCI3_STAGES[index]
    entry = {"0": _merged(channels, 1, 7), "1": _merged(channels, channels, 1)}
    is_convolutional = index < _CONVOLUTIONAL_STAGES
    return module(
        downsample=module(proj=module(entry)) if index else None,
        pos_emb=None if is_convolutional else _merged(channels, 1, 7),
        blocks=repeat(count, _convolutional_block(channels) if is_convolutional else _attention_block(channels)),
    )


def _convolutional_block(channels: int) -> Module:
    return module(token_mixer=_merged(channels, 1, 3), mlp=_mlp(channels), layer_scale=_scale(channels))


def _attention_block(channels: int) -> Module:
    return module(
        norm=layer_norm(channels),
        token_mixer=module(qkv=linear(channels, 3 * channels), proj=linear(channels, channels, bias=True)),
        layer_scale_1=_scale(channels),
        mlp=_mlp(channels),
        layer_scale_2=_scale(channels),
    )


def _mlp(channels: int) -> Module:
    return module(
        conv=module(conv=conv(channels, 1, 7, 7, bias=False), bn=layer_norm(channels)),
        fc1=conv(_RATIO * channels, channels, 1, 1),
        fc2=conv(channels, _RATIO * channels, 1, 1),
    )


def _scale(channels: int) -> Module:
    return module(gamma=Weight((channels, 1, 1)))


def _merged(out_channels: int, in_channels: int, kernel: int) -> Module:
    return module(reparam_conv=conv(out_channels, in_channels, kernel, kernel))
