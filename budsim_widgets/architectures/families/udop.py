"""UDOP: T5 for documents: words, their positions on the page, and the page's picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, rms_norm
from budsim_widgets.architectures.blocks.t5 import t5_block
from budsim_widgets.architectures.blocks.vision import height_and_width, num_patches
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part

_DISTANCES = ({"type": "1d"}, {"type": "horizontal"}, {"type": "vertical"})


_NUM_BUCKETS = 32


def _notes(c: Config) -> tuple[str, ...]:
    note = (
        f"With the picture of a page the encoder has {num_patches(c):,} tokens more, which the decoder's KV cache "
        "then holds as well; they aren't counted."
    )
    return (note,)


@family("udop", "UdopForConditionalGeneration", notes=_notes)
def udop(c: Config) -> Module:
    """One table for input and output; only the encoder shares the model's patches."""
    d_model, positions = c.d_model, c.max_2d_position_embeddings
    cells = module(
        x_position_embeddings=embedding(positions, d_model), y_position_embeddings=embedding(positions, d_model)
    )
    return module(
        shared=embedding(c.vocab_size, d_model),
        patch_embed=_patches(c),
        encoder=_side(c, c.num_layers, decodes=False, cell_2d_embedding=cells),
        decoder=_side(c, c.get("num_decoder_layers", c.num_layers), decodes=True, embed_patches=_patches(c)),
    )


def _patches(c: Config) -> Module:
    return module(proj=conv(c.d_model, c.num_channels, *height_and_width(c.patch_size, "patch_size")))


def _side(c: Config, count: int, *, decodes: bool, **more: Part) -> Module:
    first = (index == 0 for index in range(count))
    return module(
        {
            **more,
            "block": stack(first, lambda has_positions: t5_block(c, decodes=decodes, positions=has_positions)),
            "final_layer_norm": rms_norm(c.d_model),
            "relative_bias": module(biases=_distances(c)),
        }
    )


def _distances(c: Config) -> Module:
    """A table for each kind of distance; the first is the one that the encoder's first layer has."""
    kinds = c.get("relative_bias_args", _DISTANCES)
    return module({str(index): _table(c, kind) for index, kind in enumerate(kinds) if index})


def _table(c: Config, kind: dict[str, object]) -> Module:
    extra = 2 if kind.get("prefix_bucket") and not kind.get("expand") else 0
    buckets = kind.get("relative_attention_num_buckets", _NUM_BUCKETS)
    rows = buckets if isinstance(buckets, int) else _NUM_BUCKETS
    return module(relative_attention_bias=embedding(rows + extra, c.num_heads))
