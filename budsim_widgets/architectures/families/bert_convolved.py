"""BERT with convolutions: ConvBERT beside its attention, SqueezeBERT in place of every linear layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.families.bert import bert_embeddings, bert_layer, predictions
from budsim_widgets.architectures.parts import Module, Weight, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("convbert", "ConvBertForMaskedLM")
def convbert(c: Config) -> Module:
    """Half of the heads are replaced by a convolution whose kernel each token makes."""
    size, narrow = c.hidden_size, c.embedding_size
    layer = extended_at(_conv_layer(c), "attention", {"self": _conv_attention(c)})
    if "crossattention" in layer.children:
        layer = extended_at(layer, "crossattention", {"self": _conv_attention(c)})
    return module(
        convbert=module(
            embeddings=bert_embeddings(c, size=narrow),
            embeddings_project=linear(narrow, size, bias=True) if narrow != size else None,
            encoder=module(layer=repeat(c.num_hidden_layers, layer)),
        ),
        generator_predictions=module(LayerNorm=layer_norm(narrow), dense=linear(size, narrow, bias=True)),
        generator_lm_head=head(c, bias=True, size=narrow),
    )


def _conv_layer(c: Config) -> Module:
    """BERT's layer, its feed-forward block cut into groups where there are several."""
    usual, groups = bert_layer(c), c.num_groups
    if groups == 1:
        return usual
    size, hidden = c.hidden_size, c.intermediate_size

    def grouped(in_features: int, out_features: int) -> Module:
        weight = Weight((groups, in_features // groups, out_features // groups), "linear")
        return module(weight=weight, bias=Weight((out_features,), "bias"))

    usual = extended_at(usual, "intermediate", {"dense": grouped(size, hidden)})
    return extended_at(usual, "output", {"dense": grouped(hidden, size)})


def _conv_attention(c: Config) -> Module:
    size, kernel = c.hidden_size, c.conv_kernel_size
    heads = max(c.num_attention_heads // c.head_ratio, 1)
    half = heads * (size // heads // 2)
    projection = linear(size, half, bias=True)
    return module(
        query=projection,
        key=projection,
        value=projection,
        key_conv_attn_layer=module(
            bias=Weight((half, 1), "bias"),
            depthwise=conv(size, 1, kernel, bias=False),
            pointwise=conv(half, size, 1, bias=False),
        ),
        conv_kernel_layer=linear(half, heads * kernel, bias=True),
        conv_out_layer=projection,
    )


@family("squeezebert", "SqueezeBertForMaskedLM")
def squeezebert(c: Config) -> Module:
    """Convolutions of width one over groups of channels."""
    size, hidden = c.hidden_size, c.intermediate_size

    def grouped(in_channels: int, out_channels: int, groups: int) -> Module:
        return conv(out_channels, in_channels // groups, 1)

    layer = module(
        attention=module(
            query=grouped(size, size, c.q_groups),
            key=grouped(size, size, c.k_groups),
            value=grouped(size, size, c.v_groups),
        ),
        post_attention=module(conv1d=grouped(size, size, c.post_attention_groups), layernorm=layer_norm(size)),
        intermediate=module(conv1d=grouped(size, hidden, c.intermediate_groups)),
        output=module(conv1d=grouped(hidden, size, c.get("output_groups", 4)), layernorm=layer_norm(size)),
    )
    return module(
        transformer=module(
            embeddings=bert_embeddings(c),
            encoder=module(layers=repeat(c.num_hidden_layers, layer)),
            pooler=module(dense=linear(size, size, bias=True)),
        ),
        cls=predictions(c),
    )
