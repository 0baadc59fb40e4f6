"""Granite for speech: a Conformer, a Q-Former that shortens the sequence, and Granite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, depthwise_conv, embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


def _notes(c: Config) -> tuple[str, ...]:
    if not c.get("has_lora_adapter", True):
        return ()
    return ("The checkpoint comes with a LoRA adapter for speech, which isn't counted.",)


@family("granite_speech", "GraniteSpeechForConditionalGeneration", kind="multimodal", notes=_notes)
def granite_speech(c: Config) -> Module:
    """One query for each `downsample_rate` vectors of a window."""
    q_former = c.projector_config
    projector = module(
        query=Weight((1, c.window_size // c.downsample_rate, q_former.hidden_size), "embedding"),
        qformer=part_of(q_former),
        linear=linear(q_former.hidden_size, c.text_config.hidden_size, bias=True),
    )
    return multimodal_model(c, tied=is_tied_at_top(c), encoder=_encoder(c.encoder_config), projector=projector)


@family("granite_speech_plus", "GraniteSpeechPlusForConditionalGeneration", kind="multimodal", notes=_notes)
def granite_speech_plus(c: Config) -> Module:
    """The Q-Former may attend to several layers of the encoder at once."""
    joined = c.encoder_config.get("cat_hidden_layers")
    if joined is not None:
        joined_dim = c.encoder_config.hidden_dim * (len(joined) + 1)
        encoder_hidden_size = c.projector_config.encoder_hidden_size
        if encoder_hidden_size != joined_dim:
            message = f"`encoder_hidden_size` is {encoder_hidden_size}, but {len(joined) + 1} layers have {joined_dim}."
            raise inconsistent("projector_config.encoder_hidden_size", message)
    return granite_speech(c)


def _encoder(c: Config) -> Module:
    hidden_dim, letters = c.hidden_dim, c.get("output_dim", 42)
    layer = module(
        ff1=_feed_forward(c),
        attn=_attention(c),
        conv=_convolution(c),
        ff2=_feed_forward(c),
        post_norm=layer_norm(hidden_dim),
    )
    return module(
        input_linear=linear(c.input_dim, hidden_dim, bias=True),
        layers=repeat(c.num_layers, layer),
        out=linear(hidden_dim, letters, bias=True),
        out_mid=linear(letters, hidden_dim, bias=True),
    )


def _feed_forward(c: Config) -> Module:
    hidden_dim, intermediate_size = c.hidden_dim, c.hidden_dim * c.feedforward_mult
    return module(
        pre_norm=layer_norm(hidden_dim),
        up_proj=linear(hidden_dim, intermediate_size, bias=True),
        down_proj=linear(intermediate_size, hidden_dim, bias=True),
    )


def _attention(c: Config) -> Module:
    """Attention within blocks, with a table of distances; keys and values are one matrix."""
    hidden_dim, num_heads = c.hidden_dim, c.num_heads
    head_dim = c.get("dim_head", hidden_dim // num_heads)
    inner_dim = num_heads * head_dim
    if not 0 < c.context_size <= c.max_pos_emb:
        raise inconsistent("context_size", f"`context_size` {c.context_size} should be within `max_pos_emb`.")
    return module(
        pre_norm=layer_norm(hidden_dim),
        to_q=linear(hidden_dim, inner_dim),
        to_kv=linear(hidden_dim, 2 * inner_dim),
        to_out=linear(inner_dim, hidden_dim, bias=True),
        rel_pos_emb=embedding(2 * c.max_pos_emb + 1, head_dim),
    )


def _convolution(c: Config) -> Module:
    hidden_dim, inner_dim = c.hidden_dim, c.hidden_dim * c.conv_expansion_factor
    return module(
        norm=layer_norm(hidden_dim),
        up_conv=conv(2 * inner_dim, hidden_dim, 1),
        depth_conv=module(conv=depthwise_conv(inner_dim, c.conv_kernel_size, bias=False)),
        batch_norm=layer_norm(inner_dim),
        down_conv=conv(hidden_dim, inner_dim, 1),
    )
