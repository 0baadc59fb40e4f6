"""Wav2Vec2, an encoder of sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear
from budsim_widgets.architectures.blocks.wav2vec2 import (
    feature_extractor,
    feature_projection,
    masked_spec_embed,
    positional_convolution,
    wav2vec2_layer,
)
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.labels import num_labels
from budsim_widgets.architectures.parts import Weight, extended, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("wav2vec2", "Wav2Vec2Model")
def wav2vec2(c: Config) -> Module:
    """Sound in, vectors out; an adapter may shorten the sequence."""
    hidden_size = c.hidden_size
    layer = wav2vec2_layer(c, c.num_attention_heads, c.intermediate_size)
    adapter_attn_dim = c.get("adapter_attn_dim")
    if adapter_attn_dim is not None and c.get("do_stable_layer_norm", False):
        adapter = module(
            norm=layer_norm(hidden_size),
            linear_1=linear(hidden_size, adapter_attn_dim, bias=True),
            linear_2=linear(adapter_attn_dim, hidden_size, bias=True),
        )
        layer = extended(layer, {"adapter_layer": adapter})
    return module(
        masked_spec_embed=masked_spec_embed(c),
        feature_extractor=feature_extractor(c),
        feature_projection=feature_projection(c),
        encoder=module(
            pos_conv_embed=positional_convolution(c),
            layer_norm=layer_norm(hidden_size),
            layers=repeat(c.num_hidden_layers, layer),
        ),
        adapter=_adapter(c) if c.add_adapter else None,
    )


@family("wav2vec2", "Wav2Vec2ForCTC")
def wav2vec2_ctc(c: Config) -> Module:
    """A score for every character and frame."""
    width = c.get("output_hidden_size", c.hidden_size) if c.add_adapter else c.hidden_size
    return module(wav2vec2=wav2vec2(c), lm_head=linear(width, c.vocab_size, bias=True))


@family("wav2vec2", "Wav2Vec2ForSequenceClassification")
def wav2vec2_classifier(c: Config) -> Module:
    """A label for the whole recording."""
    width = c.get("classifier_proj_size", 256)
    projector = linear(c.hidden_size, width, bias=True)
    return _with_head(c, projector=projector, classifier=linear(width, num_labels(c.fields), bias=True, role="head"))


@family("wav2vec2", "Wav2Vec2ForAudioFrameClassification")
def wav2vec2_frames(c: Config) -> Module:
    """A label for every frame."""
    return _with_head(c, classifier=linear(c.hidden_size, num_labels(c.fields), bias=True, role="head"))


@family("wav2vec2", "Wav2Vec2ForXVector")
def wav2vec2_speakers(c: Config) -> Module:
    """Layers that see some frames at once, and a vector for each speaker."""
    widths, kernels = c.get("tdnn_dim", [512, 512, 512, 512, 1500]), c.get("tdnn_kernel", [5, 3, 3, 1, 1])
    if len(widths) > len(kernels):
        raise inconsistent("tdnn_kernel", f"`tdnn_kernel` lists {len(kernels)} layers, but `tdnn_dim` {len(widths)}.")
    out = c.get("xvector_output_dim", 512)
    layers = list(zip([widths[0], *widths[:-1]], widths, kernels, strict=False))
    return _with_head(
        c,
        projector=linear(c.hidden_size, widths[0], bias=True),
        tdnn=stack(layers, lambda inside, width, kernel: module(kernel=linear(inside * kernel, width, bias=True))),
        feature_extractor=linear(2 * widths[-1], out, bias=True),
        classifier=linear(out, out, bias=True),
        objective=module(weight=Weight((out, num_labels(c.fields)))),
    )


def _with_head(c: Config, **head: Part) -> Module:
    """The model, a weight for every layer's vectors where they are summed, and a head."""
    weights = Weight((c.num_hidden_layers + 1,)) if c.get("use_weighted_layer_sum", False) else None
    return module({"wav2vec2": wav2vec2(c), "layer_weights": weights, **head})


def _adapter(c: Config) -> Module:
    hidden_size = c.hidden_size
    out = c.get("output_hidden_size") or hidden_size
    layer = module(conv=conv(2 * out, out, c.get("adapter_kernel_size", 3)))
    return module(
        proj=linear(hidden_size, out, bias=True) if out != hidden_size else None,
        proj_layer_norm=layer_norm(out) if out != hidden_size else None,
        layers=repeat(c.get("num_adapter_layers", 3), layer),
    )
