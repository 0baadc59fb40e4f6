"""SqueezeBERT: BERT with convolutions over groups of channels in place of linear layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_predictions
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("squeezebert", "SqueezeBertForMaskedLM")
def squeezebert(c: Config) -> Module:
    """Convolutions of width one over groups of channels."""
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size

    def grouped(in_channels: int, out_channels: int, groups: int) -> Module:
        return conv(out_channels, in_channels // groups, 1)

    layer = module(
        attention=module(
            query=grouped(hidden_size, hidden_size, c.q_groups),
            key=grouped(hidden_size, hidden_size, c.k_groups),
            value=grouped(hidden_size, hidden_size, c.v_groups),
        ),
        post_attention=module(
            conv1d=grouped(hidden_size, hidden_size, c.post_attention_groups), layernorm=layer_norm(hidden_size)
        ),
        intermediate=module(conv1d=grouped(hidden_size, intermediate_size, c.intermediate_groups)),
        output=module(
            conv1d=grouped(intermediate_size, hidden_size, c.get("output_groups", 4)), layernorm=layer_norm(hidden_size)
        ),
    )
    return module(
        transformer=module(
            embeddings=bert_embeddings(c),
            encoder=module(layers=repeat(c.num_hidden_layers, layer)),
            pooler=module(dense=linear(hidden_size, hidden_size, bias=True)),
        ),
        cls=bert_predictions(c),
    )
