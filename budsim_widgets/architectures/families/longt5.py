"""LongT5: T5 whose encoder attends to parts of a long text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, rms_norm
from budsim_widgets.architectures.blocks.t5 import t5_attention, t5_block, t5_notes, t5_side
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("longt5", "LongT5ForConditionalGeneration", notes=t5_notes)
def longt5(c: Config) -> Module:
    """T5 whose encoder attends to windows, and by choice to a summary of each block of tokens."""
    num_decoder_layers = c.get("num_decoder_layers", c.num_layers)

    def encoder_block(is_first: bool) -> Module:  # noqa: FBT001 - in which the blocks differ
        return t5_block(c, decodes=False, positions=is_first, self_attention=_long_attention(c, positions=is_first))

    def decoder_block(is_first: bool) -> Module:  # noqa: FBT001 - in which the blocks differ
        return t5_block(c, decodes=True, positions=is_first)

    return module(
        shared=embedding(c.vocab_size, c.d_model),
        encoder=t5_side(c, stack((index == 0 for index in range(c.num_layers)), encoder_block)),
        decoder=t5_side(c, stack((index == 0 for index in range(num_decoder_layers)), decoder_block)),
    )


def _long_attention(c: Config, *, positions: bool) -> Module:
    if c.get("encoder_attention_type", "local") == "local":
        return module(LocalSelfAttention=t5_attention(c, positions=positions))
    table = embedding(c.relative_attention_num_buckets, c.num_heads) if positions else None
    return module(
        TransientGlobalSelfAttention=t5_attention(
            c,
            positions=positions,
            global_relative_attention_bias=table,
            global_input_layer_norm=rms_norm(c.d_model),
        )
    )
