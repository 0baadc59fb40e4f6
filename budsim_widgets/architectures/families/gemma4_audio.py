"""The audio tower of Gemma 4: a Conformer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.gemma import clippable_linear
from budsim_widgets.architectures.blocks.layers import conv, depthwise_conv, layer_norm, linear, rms_norm
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gemma4_audio", "Gemma4AudioModel")
def gemma4_audio(c: Config) -> Module:
    """A conformer: attention and a convolution between two halves of a feed-forward block."""
    hidden_size = c.hidden_size
    first, second = c.subsampling_conv_channels
    subsampling = module(
        layer0=module(conv=conv(first, 1, 3, 3, bias=False), norm=layer_norm(first, bias=False)),
        layer1=module(conv=conv(second, first, 3, 3, bias=False), norm=layer_norm(second, bias=False)),
        input_proj_linear=linear(first // 4 * second, hidden_size),
    )
    return module(
        subsample_conv_projection=subsampling,
        layers=repeat(c.num_hidden_layers, _layer(c)),
        output_proj=linear(hidden_size, c.output_proj_dims, bias=True),
    )


def _layer(c: Config) -> Module:
    hidden_size, norm = c.hidden_size, rms_norm(c.hidden_size)
    head_dim = hidden_size // c.num_attention_heads
    projection_size = c.num_attention_heads * head_dim
    feed_forward = module(
        ffw_layer_1=clippable_linear(hidden_size, 4 * hidden_size),
        ffw_layer_2=clippable_linear(4 * hidden_size, hidden_size),
        pre_layer_norm=norm,
        post_layer_norm=norm,
    )
    return module(
        feed_forward1=feed_forward,
        feed_forward2=feed_forward,
        self_attn=module(
            q_proj=clippable_linear(hidden_size, projection_size),
            k_proj=clippable_linear(hidden_size, projection_size),
            v_proj=clippable_linear(hidden_size, projection_size),
            post=clippable_linear(hidden_size, hidden_size),
            relative_k_proj=linear(hidden_size, projection_size),
            per_dim_scale=Weight((head_dim,)),
        ),
        lconv1d=module(
            linear_start=clippable_linear(hidden_size, 2 * hidden_size),
            linear_end=clippable_linear(hidden_size, hidden_size),
            depthwise_conv1d=depthwise_conv(hidden_size, c.conv_kernel_size, bias=False),
            pre_layer_norm=norm,
            conv_norm=norm,
        ),
        norm_pre_attn=norm,
        norm_post_attn=norm,
        norm_out=norm,
    )
