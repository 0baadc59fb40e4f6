"""DistilBERT: half of BERT's layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.bert import bert_embeddings
from budsim_widgets.architectures.blocks.layers import layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("distilbert", "DistilBertForMaskedLM")
def distilbert(c: Config) -> Module:
    """Half the layers, one kind of text."""
    dim, n_heads = c.dim, c.n_heads
    layer = module(
        attention=attention(
            dim, n_heads, n_heads, dim // n_heads, bias=True, names=("q_lin", "k_lin", "v_lin", "out_lin"), cached=False
        ),
        sa_layer_norm=layer_norm(dim),
        ffn=mlp(dim, c.hidden_dim, names=("lin1", "lin2")),
        output_layer_norm=layer_norm(dim),
    )
    return module(
        distilbert=module(
            embeddings=bert_embeddings(c, token_type_embeddings=None),
            transformer=module(layer=repeat(c.n_layers, layer)),
        ),
        vocab_transform=linear(dim, dim, bias=True),
        vocab_layer_norm=layer_norm(dim),
        vocab_projector=head(c, bias=True),
    )
