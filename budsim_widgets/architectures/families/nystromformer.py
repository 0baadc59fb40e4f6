"""Nyströmformer, YOSO and MRA, of the same authors: BERT with approximated attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_layer, bert_predictions
from budsim_widgets.architectures.blocks.layers import conv, embedding
from budsim_widgets.architectures.parts import extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("nystromformer", "NystromformerForMaskedLM")
def nystromformer(c: Config) -> Module:
    """Attention through landmarks."""
    return module(nystromformer=_approximated(c, c.get("conv_kernel_size")), cls=bert_predictions(c))


@family("yoso", "YosoForMaskedLM")
def yoso(c: Config) -> Module:
    """Attention through hashes."""
    return module(yoso=_approximated(c, c.get("conv_window")), cls=bert_predictions(c))


@family("mra", "MraForMaskedLM")
def mra(c: Config) -> Module:
    """Attention at several resolutions."""
    return module(mra=_approximated(c, None), cls=bert_predictions(c))


def _approximated(c: Config, kernel: int | None) -> Module:
    """BERT with two spare positions, and a convolution of each head's values where there is a kernel."""
    num_attention_heads = c.num_attention_heads
    beside = {"conv": None if kernel is None else conv(num_attention_heads, 1, kernel, 1, bias=False)}
    layer = extended_at(bert_layer(c), "attention.self", beside)
    positions = embedding(c.max_position_embeddings + _SPARE_POSITIONS, c.hidden_size)
    return module(
        embeddings=bert_embeddings(c, position_embeddings=positions),
        encoder=module(layer=repeat(c.num_hidden_layers, layer)),
    )


_SPARE_POSITIONS = 2
