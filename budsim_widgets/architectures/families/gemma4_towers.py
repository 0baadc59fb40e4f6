"""What Gemma 4 sees and hears with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, depthwise_conv, layer_norm, linear, rms_norm
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("gemma4_vision", "Gemma4VisionModel")
def gemma4_vision(c: Config) -> Module:
    """A table of positions for each axis; layers as in the language model."""
    hidden_size = c.hidden_size
    return module(
        patch_embedder=module(
            input_proj=linear(3 * c.patch_size**2, hidden_size),
            position_embedding_table=Weight((2, c.position_embedding_size, hidden_size), "embedding"),
        ),
        encoder=module(layers=repeat(c.num_hidden_layers, _vision_layer(c))),
    )


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
        layers=repeat(c.num_hidden_layers, _audio_layer(c)),
        output_proj=linear(hidden_size, c.output_proj_dims, bias=True),
    )


def _clippable(in_features: int, out_features: int) -> Module:
    """A linear layer in a shell that may clip what goes in and out."""
    return module(linear=linear(in_features, out_features))


def _vision_layer(c: Config) -> Module:
    hidden_size, norm, head_norm = c.hidden_size, rms_norm(c.hidden_size), rms_norm(c.head_dim)
    queries, keys = c.num_attention_heads * c.head_dim, c.num_key_value_heads * c.head_dim
    return module(
        self_attn=module(
            q_proj=_clippable(hidden_size, queries),
            k_proj=_clippable(hidden_size, keys),
            v_proj=_clippable(hidden_size, keys),
            o_proj=_clippable(queries, hidden_size),
            q_norm=head_norm,
            k_norm=head_norm,
        ),
        mlp=module(
            gate_proj=_clippable(hidden_size, c.intermediate_size),
            up_proj=_clippable(hidden_size, c.intermediate_size),
            down_proj=_clippable(c.intermediate_size, hidden_size),
        ),
        input_layernorm=norm,
        post_attention_layernorm=norm,
        pre_feedforward_layernorm=norm,
        post_feedforward_layernorm=norm,
    )


def _audio_layer(c: Config) -> Module:
    hidden_size, norm = c.hidden_size, rms_norm(c.hidden_size)
    head_dim = hidden_size // c.num_attention_heads
    projection_size = c.num_attention_heads * head_dim
    feed_forward = module(
        ffw_layer_1=_clippable(hidden_size, 4 * hidden_size),
        ffw_layer_2=_clippable(4 * hidden_size, hidden_size),
        pre_layer_norm=norm,
        post_layer_norm=norm,
    )
    return module(
        feed_forward1=feed_forward,
        feed_forward2=feed_forward,
        self_attn=module(
            q_proj=_clippable(hidden_size, projection_size),
            k_proj=_clippable(hidden_size, projection_size),
            v_proj=_clippable(hidden_size, projection_size),
            post=_clippable(hidden_size, hidden_size),
            relative_k_proj=linear(hidden_size, projection_size),
            per_dim_scale=Weight((head_dim,)),
        ),
        lconv1d=module(
            linear_start=_clippable(hidden_size, 2 * hidden_size),
            linear_end=_clippable(hidden_size, hidden_size),
            depthwise_conv1d=depthwise_conv(hidden_size, c.conv_kernel_size, bias=False),
            pre_layer_norm=norm,
            conv_norm=norm,
        ),
        norm_pre_attn=norm,
        norm_post_attn=norm,
        norm_out=norm,
    )
