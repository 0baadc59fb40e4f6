"""The audio tower of Gemma 3n: a Conformer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, depthwise_conv, linear, rms_norm
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


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
