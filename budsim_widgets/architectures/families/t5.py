"""T5, mT5 and uMT5: an encoder and a decoder with relative positions, one table for reading and writing.

transformers 5 ties the head to the table whatever the config says; files such as flan-t5's hold a head of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.attention import attention, cross_attention
from budsim_widgets.architectures.layers import embedding, gated_mlp, mlp, rms_norm
from budsim_widgets.architectures.parts import Module, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_PROJECTIONS = ("q", "k", "v", "o")


def _notes(c: Config) -> tuple[str, ...]:
    if c.get("tie_word_embeddings", True):
        return ()
    return ("The checkpoint also holds a head of its own, which transformers 5 replaces by the shared table.",)


@family("t5", "T5ForConditionalGeneration", notes=_notes)
@family("mt5", "MT5ForConditionalGeneration", notes=_notes)
def t5(c: Config) -> Module:
    """The first layer of either side knows the relative positions for all."""
    return _t5(c, positions_everywhere=False)


@family("umt5", "UMT5ForConditionalGeneration", notes=_notes)
def umt5(c: Config) -> Module:
    """Each layer knows relative positions of its own."""
    return _t5(c, positions_everywhere=True)


def _t5(c: Config, *, positions_everywhere: bool) -> Module:
    num_decoder_layers = c.get("num_decoder_layers", c.num_layers)

    def side(count: int, *, decodes: bool) -> Module:
        knows_positions = (positions_everywhere or index == 0 for index in range(count))
        return module(
            block=stack(knows_positions, lambda knows: _block(c, decodes=decodes, positions=knows)),
            final_layer_norm=rms_norm(c.d_model),
        )

    return module(
        shared=embedding(c.vocab_size, c.d_model),
        encoder=side(c.num_layers, decodes=False),
        decoder=side(num_decoder_layers, decodes=True),
    )


def _block(c: Config, *, decodes: bool, positions: bool) -> Module:
    norm = rms_norm(c.d_model)
    self_attention = attention(
        c.d_model,
        c.num_heads,
        c.num_heads,
        c.d_kv,
        names=_PROJECTIONS,
        cached=decodes,
        relative_attention_bias=embedding(c.relative_attention_num_buckets, c.num_heads) if positions else None,
    )
    crossing = cross_attention(c.d_model, c.num_heads, c.d_kv, names=_PROJECTIONS)
    layers = [
        module(SelfAttention=self_attention, layer_norm=norm),
        *([module(EncDecAttention=crossing, layer_norm=norm)] if decodes else []),
        module(DenseReluDense=_feed_forward(c), layer_norm=norm),
    ]
    return module(layer=module({str(index): layer for index, layer in enumerate(layers)}))


def _feed_forward(c: Config) -> Module:
    if str(c.feed_forward_proj).startswith("gated"):
        return gated_mlp(c.d_model, c.d_ff, names=("wi_0", "wi_1", "wo"))
    return mlp(c.d_model, c.d_ff, bias=False, names=("wi", "wo"))
