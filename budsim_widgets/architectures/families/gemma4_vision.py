"""The vision tower of Gemma 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.gemma import clippable_linear
from budsim_widgets.architectures.blocks.layers import linear, rms_norm
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gemma4_vision", "Gemma4VisionModel")
def gemma4_vision(c: Config) -> Module:
    """A table of positions for each axis; layers as in the language model."""
    hidden_size = c.hidden_size
    return module(
        patch_embedder=module(
            input_proj=linear(3 * c.patch_size**2, hidden_size),
            position_embedding_table=Weight((2, c.position_embedding_size, hidden_size), "embedding"),
        ),
        encoder=module(layers=repeat(c.num_hidden_layers, _layer(c))),
    )


def _layer(c: Config) -> Module:
    hidden_size, norm, head_norm = c.hidden_size, rms_norm(c.hidden_size), rms_norm(c.head_dim)
    queries, keys = c.num_attention_heads * c.head_dim, c.num_key_value_heads * c.head_dim
    return module(
        self_attn=module(
            q_proj=clippable_linear(hidden_size, queries),
            k_proj=clippable_linear(hidden_size, keys),
            v_proj=clippable_linear(hidden_size, keys),
            o_proj=clippable_linear(queries, hidden_size),
            q_norm=head_norm,
            k_norm=head_norm,
        ),
        mlp=module(
            gate_proj=clippable_linear(hidden_size, c.intermediate_size),
            up_proj=clippable_linear(hidden_size, c.intermediate_size),
            down_proj=clippable_linear(c.intermediate_size, hidden_size),
        ),
        input_layernorm=norm,
        post_attention_layernorm=norm,
        pre_feedforward_layernorm=norm,
        post_feedforward_layernorm=norm,
    )
