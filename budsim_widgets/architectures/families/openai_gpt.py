"""The first GPT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, transposed_linear
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("openai-gpt", "OpenAIGPTLMHeadModel")
def openai_gpt(c: Config) -> Module:
    """Norms behind the blocks, none at the end; transformers keeps no cache for it."""
    hidden_size = c.hidden_size
    layer = module(
        attn=module(
            c_attn=transposed_linear(hidden_size, 3 * hidden_size), c_proj=transposed_linear(hidden_size, hidden_size)
        ),
        ln_1=layer_norm(hidden_size),
        mlp=module(
            c_fc=transposed_linear(hidden_size, 4 * hidden_size), c_proj=transposed_linear(4 * hidden_size, hidden_size)
        ),
        ln_2=layer_norm(hidden_size),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=None,
        base="transformer",
        embed_name="tokens_embed",
        layers_name="h",
        positions_embed=embedding(c.n_positions, hidden_size),
    )
