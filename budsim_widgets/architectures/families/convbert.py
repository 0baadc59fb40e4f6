"""ConvBERT: BERT, half of whose heads are replaced by a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_layer
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import Weight, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("convbert", "ConvBertForMaskedLM")
def convbert(c: Config) -> Module:
    """Half of the heads are replaced by a convolution whose kernel each token makes."""
    hidden_size, embedding_size = c.hidden_size, c.embedding_size
    layer = extended_at(_conv_layer(c), "attention", {"self": _conv_attention(c)})
    if "crossattention" in layer.children:
        layer = extended_at(layer, "crossattention", {"self": _conv_attention(c)})
    return module(
        convbert=module(
            embeddings=bert_embeddings(c, embedding_size=embedding_size),
            embeddings_project=linear(embedding_size, hidden_size, bias=True)
            if embedding_size != hidden_size
            else None,
            encoder=module(layer=repeat(c.num_hidden_layers, layer)),
        ),
        generator_predictions=module(
            LayerNorm=layer_norm(embedding_size), dense=linear(hidden_size, embedding_size, bias=True)
        ),
        generator_lm_head=head(c, bias=True, hidden_size=embedding_size),
    )


def _conv_layer(c: Config) -> Module:
    """BERT's layer, its feed-forward block cut into groups where there are several."""
    usual, groups = bert_layer(c), c.num_groups
    if groups == 1:
        return usual
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size

    def grouped(in_features: int, out_features: int) -> Module:
        weight = Weight((groups, in_features // groups, out_features // groups), "linear")
        return module(weight=weight, bias=Weight((out_features,), "bias"))

    usual = extended_at(usual, "intermediate", {"dense": grouped(hidden_size, intermediate_size)})
    return extended_at(usual, "output", {"dense": grouped(intermediate_size, hidden_size)})


def _conv_attention(c: Config) -> Module:
    hidden_size, kernel = c.hidden_size, c.conv_kernel_size
    num_attention_heads = max(c.num_attention_heads // c.head_ratio, 1)
    all_head_size = num_attention_heads * (hidden_size // num_attention_heads // 2)
    projection = linear(hidden_size, all_head_size, bias=True)
    return module(
        query=projection,
        key=projection,
        value=projection,
        key_conv_attn_layer=module(
            bias=Weight((all_head_size, 1), "bias"),
            depthwise=conv(hidden_size, 1, kernel, bias=False),
            pointwise=conv(all_head_size, hidden_size, 1, bias=False),
        ),
        conv_kernel_layer=linear(all_head_size, num_attention_heads * kernel, bias=True),
        conv_out_layer=projection,
    )
