"""BERT with attention that is approximated, replaced by a Fourier transform, or computed in integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear
from budsim_widgets.architectures.families.bert import (
    bert_embeddings,
    bert_encoder,
    bert_layer,
    lm_head,
    predictions,
)
from budsim_widgets.architectures.parts import Module, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_SPARE_POSITIONS = 2


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


@family("nystromformer", "NystromformerForMaskedLM")
def nystromformer(c: Config) -> Module:
    """Attention through landmarks."""
    return module(nystromformer=_approximated(c, c.get("conv_kernel_size")), cls=predictions(c))


@family("yoso", "YosoForMaskedLM")
def yoso(c: Config) -> Module:
    """Attention through hashes."""
    return module(yoso=_approximated(c, c.get("conv_window")), cls=predictions(c))


@family("mra", "MraForMaskedLM")
def mra(c: Config) -> Module:
    """Attention at several resolutions."""
    return module(mra=_approximated(c, None), cls=predictions(c))


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
        cls=predictions(c),
    )


@family("ibert", "IBertForMaskedLM")
def ibert(c: Config) -> Module:
    """RoBERTa that may compute in integers; its weights have the same shapes then."""
    return module(ibert=module(embeddings=bert_embeddings(c), encoder=bert_encoder(c)), lm_head=lm_head(c))
