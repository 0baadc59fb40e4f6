"""BioGPT and XGLM: BART's decoder alone, in two spellings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import Module, Part, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")
_SPARE_POSITIONS = 2


@family("biogpt", "BioGptForCausalLM")
def biogpt(c: Config) -> Module:
    """Learned positions with two spare rows."""
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, _layer(c, c.intermediate_size)),
        norm=layer_norm(c.hidden_size),
        base="biogpt",
        norm_name="layer_norm",
        head_name="output_projection",
        embed_positions=embedding(c.max_position_embeddings + _SPARE_POSITIONS, c.hidden_size),
    )


@family("xglm", "XGLMForCausalLM")
def xglm(c: Config) -> Module:
    """Computed positions; it may read an encoder."""
    crossing: dict[str, Part] = {}
    if c.add_cross_attention:
        crossing = {"encoder_attn": _attention(c, cached=False), "encoder_attn_layer_norm": layer_norm(c.hidden_size)}
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, _layer(c, c.ffn_dim, **crossing)),
        norm=layer_norm(c.hidden_size),
        norm_name="layer_norm",
    )


def _layer(c: Config, intermediate_size: int, **crossing: Part) -> Module:
    hidden_size = c.hidden_size
    return module(
        {
            "self_attn": _attention(c),
            "self_attn_layer_norm": layer_norm(hidden_size),
            **crossing,
            "fc1": linear(hidden_size, intermediate_size, bias=True),
            "fc2": linear(intermediate_size, hidden_size, bias=True),
            "final_layer_norm": layer_norm(hidden_size),
        }
    )


def _attention(c: Config, *, cached: bool = True) -> Module:
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    return attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size // num_attention_heads,
        bias=True,
        names=_PROJECTIONS,
        cached=cached,
    )
