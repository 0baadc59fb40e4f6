"""IBM's Granite: Llama, or with windows and sinks, or with pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.blocks.vision import base_model, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


_CORNERS = 4
"""Projectors that look at one of the four patches of a square each."""


@family("granite", "GraniteForCausalLM")
def granite(c: Config) -> Module:
    """Llama with scaled residuals."""
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
    layer = pre_norm_layer(c.hidden_size, self_attention(c, bias=c.attention_bias), feed_forward)
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("granite4_vision_text", "Granite4VisionTextModel")
def granite4_vision_text(c: Config) -> Module:
    """Granite, inside Granite 4 Vision; without a head."""
    return base_model(granite(c))


@family("granite_swa", "GraniteSWAForCausalLM")
def granite_swa(c: Config) -> Module:
    """The first of every four layers is full; attention sinks."""
    default = ["sliding_attention" if index % 4 else "full_attention" for index in range(c.num_hidden_layers)]

    def layer(layer_type: str) -> Module:
        self_attn = self_attention(
            c,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            more={"sinks": Weight((c.num_attention_heads,))},
        )
        return pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias))

    return causal_lm(c, stack(c.get("layer_types", default), layer), norm=rms_norm(c.hidden_size))


@family("granite4_vision", "Granite4VisionForConditionalGeneration", kind="multimodal")
def granite4_vision(c: Config) -> Module:
    """Layers of the tower go through a Q-Former each, into several layers of the language model."""
    projector = _window_projector(c)
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        image_newline=Weight((c.text_config.hidden_size,)),
        vision_tower=part_of(c.vision_config),
        layerwise_projectors=repeat(len(c.deepstack_layer_map), projector),
        spatial_projectors=repeat(_CORNERS, projector),
    )


def _window_projector(c: Config) -> Module:
    """A Q-Former as wide as the tower, whose queries and keys are windows of patches (`downsample_rate`: "4/8")."""
    hidden_size = c.vision_config.hidden_size
    query_side, _, window_side = str(c.downsample_rate).partition("/")
    if not (query_side.isdecimal() and window_side.isdecimal()):
        raise inconsistent("downsample_rate", "`downsample_rate` isn't a fraction, such as 4/8.")
    q_former = c.qformer_config
    own = {"hidden_size": hidden_size, "num_attention_heads": hidden_size // 64, "encoder_hidden_size": hidden_size}
    return module(
        qformer=part_of(q_former.changed({**q_former.fields, **own})),
        norm=layer_norm(hidden_size),
        query=Weight((1, int(query_side) ** 2, hidden_size)),
        image_positions=Weight((1, int(window_side) ** 2, hidden_size)),
        out_linear=linear(hidden_size, c.text_config.hidden_size, bias=True),
    )
