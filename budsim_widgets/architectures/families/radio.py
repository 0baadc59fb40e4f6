"""RADIO: the vision tower of Nemotron Omni, which takes pictures of any shape and pairs of video frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, mlp
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("radio", "RadioModel")
def radio(c: Config) -> Module:
    """Positions for the largest picture, cut to the one at hand; the normalisation of pixels has no weights."""
    c = c.changed({"hidden_size": 1280, "num_hidden_layers": 32, **c.fields})
    hidden_size, frames = c.hidden_size, c.get("video_temporal_patch_size")
    numbers, side = c.num_channels * c.patch_size**2, c.max_img_size // c.patch_size
    return module(
        embeddings=module(
            patch_projection=linear(numbers, hidden_size),
            video_patch_projection=None if frames is None else linear(frames * numbers, hidden_size),
            position_embedding=Weight((1, side**2, hidden_size), "embedding"),
            cls_register_token=Weight((c.num_cls_tokens + c.num_registers, hidden_size), "embedding"),
        ),
        encoder=module(layer=repeat(c.num_hidden_layers, _layer(c))),
    )


def _layer(c: Config) -> Module:
    """Both blocks are scaled number by number before they are added."""
    hidden_size, num_attention_heads, scale = (
        c.hidden_size,
        c.num_attention_heads,
        module(lambda1=Weight((c.hidden_size,))),
    )
    intermediate_size = int(hidden_size * c.mlp_ratio)
    gated = (int(intermediate_size * 2 / 3) + 7) // 8 * 8
    return module(
        norm1=layer_norm(hidden_size),
        attention=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            c.head_dim,
            bias=c.qkv_bias,
            out_bias=True,
            cached=False,
        ),
        layer_scale1=scale,
        norm2=layer_norm(hidden_size),
        mlp=gated_mlp(hidden_size, gated, bias=True)
        if c.use_swiglu_ffn
        else mlp(hidden_size, intermediate_size, names=("fc1", "fc2")),
        layer_scale2=scale,
    )
