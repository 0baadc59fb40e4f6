"""FNet: BERT with a Fourier transform in place of attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_predictions
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("fnet", "FNetForMaskedLM")
def fnet(c: Config) -> Module:
    """A Fourier transform in place of attention."""
    hidden_size = c.hidden_size
    layer = module(
        fourier=module(output=module(LayerNorm=layer_norm(hidden_size))),
        intermediate=module(dense=linear(hidden_size, c.intermediate_size, bias=True)),
        output=module(dense=linear(c.intermediate_size, hidden_size, bias=True), LayerNorm=layer_norm(hidden_size)),
    )
    return module(
        fnet=module(
            embeddings=bert_embeddings(c, projection=linear(hidden_size, hidden_size, bias=True)),
            encoder=module(layer=repeat(c.num_hidden_layers, layer)),
            pooler=module(dense=linear(hidden_size, hidden_size, bias=True)),
        ),
        cls=bert_predictions(c),
    )
