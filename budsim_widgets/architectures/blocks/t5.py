"""T5's parts: encoder and decoder with relative positions, one table for reading and writing.

transformers 5 ties the head to the table whatever the config says; files such as flan-t5's hold a head of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, mlp, rms_norm
from budsim_widgets.architectures.parts import extended, module, stack

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part, Stack

_PROJECTIONS = ("q", "k", "v", "o")


def t5_notes(c: Config) -> tuple[str, ...]:
    """That a checkpoint's own head isn't built."""
    if c.get("tie_word_embeddings", True):
        return ()
    return ("The checkpoint also holds a head of its own, which transformers 5 replaces by the shared table.",)


def t5_model(c: Config, *, positions_everywhere: bool) -> Module:
    """The shared table, encoder and decoder.

    Args:
        c: The config.
        positions_everywhere: Whether each layer has relative positions of its own; else the first one of either side.
    """
    num_decoder_layers = c.get("num_decoder_layers", c.num_layers)

    def side(count: int, *, decodes: bool) -> Module:
        has_positions = (positions_everywhere or index == 0 for index in range(count))
        return t5_side(c, stack(has_positions, lambda positions: t5_block(c, decodes=decodes, positions=positions)))

    return module(
        shared=embedding(c.vocab_size, c.d_model),
        encoder=side(c.num_layers, decodes=False),
        decoder=side(num_decoder_layers, decodes=True),
    )


def t5_side(c: Config, blocks: Stack) -> Module:
    """Encoder or decoder: blocks and a norm."""
    return module(block=blocks, final_layer_norm=rms_norm(c.d_model))


def t5_block(
    c: Config,
    *,
    decodes: bool,
    positions: bool,
    self_attention: Module | None = None,
    feed_forward: Module | None = None,
) -> Module:
    """One layer: attention to itself, of a decoder attention to the encoder, and a feed-forward block.

    Args:
        c: The config.
        decodes: Whether it belongs to the decoder.
        positions: Whether its attention knows the relative positions.
        self_attention: The attention to itself, where it isn't the usual one.
        feed_forward: The feed-forward block, where it isn't the usual one.
    """
    norm = rms_norm(c.d_model)
    usual = module(SelfAttention=t5_attention(c, cached=decodes, positions=positions))
    cross_attention_part = module(
        EncDecAttention=cross_attention(c.d_model, c.num_heads, c.d_kv, names=_PROJECTIONS) if decodes else None
    )
    layers = [
        self_attention or usual,
        *([cross_attention_part] if decodes else []),
        feed_forward or module(DenseReluDense=_feed_forward(c)),
    ]
    return module(
        layer=module({str(index): extended(layer, {"layer_norm": norm}) for index, layer in enumerate(layers)})
    )


def t5_attention(c: Config, *, cached: bool = False, positions: bool = False, **more: Part | None) -> Module:
    """Attention without biases, and where wanted a table of relative positions."""
    table = embedding(c.relative_attention_num_buckets, c.num_heads) if positions else None
    usual = attention(c.d_model, c.num_heads, c.num_heads, c.d_kv, names=_PROJECTIONS, cached=cached)
    return extended(usual, {"relative_attention_bias": table, **more})


def _feed_forward(c: Config) -> Module:
    if c.get("is_gated_act", str(c.feed_forward_proj).startswith("gated")):
        return gated_mlp(c.d_model, c.d_ff, names=("wi_0", "wi_1", "wo"))
    return mlp(c.d_model, c.d_ff, bias=False, names=("wi", "wo"))
