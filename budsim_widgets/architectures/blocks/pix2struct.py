"""Pix2Struct's encoder of pictures of any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.parts import module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

PIX2STRUCT_GATED = ("wi_0", "wi_1", "wo")


def pix2struct_vision(c: Config, head_dim: int, intermediate_size: int, num_positions: int) -> Module:
    """The encoder: patches come flattened, with embeddings of their row and column.

    Args:
        c: The config: `hidden_size`, `num_attention_heads`, `num_hidden_layers`, `patch_embed_hidden_size`.
        head_dim: Dimension of a head.
        intermediate_size: Intermediate size of the feed-forward block.
        num_positions: Rows and columns that have a position.
    """
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    names = ("query", "key", "value", "output")
    layer = module(
        attention=attention(hidden_size, num_attention_heads, num_attention_heads, head_dim, names=names, cached=False),
        mlp=gated_mlp(hidden_size, intermediate_size, names=PIX2STRUCT_GATED),
        pre_mlp_layer_norm=rms_norm(hidden_size),
        pre_attention_layer_norm=rms_norm(hidden_size),
    )
    return module(
        embeddings=module(
            patch_projection=linear(c.patch_embed_hidden_size, hidden_size, bias=True),
            row_embedder=embedding(num_positions, hidden_size),
            column_embedder=embedding(num_positions, hidden_size),
        ),
        encoder=module(layer=repeat(c.num_hidden_layers, layer)),
        layernorm=rms_norm(hidden_size),
    )
