"""xLSTM: matrix memories with exponential gates (mLSTM)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part

_MEMORY_MULTIPLE = 64


@family("xlstm", "xLSTMForCausalLM")
def xlstm(c: Config) -> Module:
    """The head is never tied; the whole cache counts its tokens in one number of 8 bytes."""
    hidden_size, num_blocks = c.hidden_size, c.get("num_blocks", c.num_hidden_layers)
    if c.get("embedding_dim", hidden_size) != hidden_size:
        raise inconsistent(
            "embedding_dim", f"`embedding_dim` {c.embedding_dim} is another name of `hidden_size`, {hidden_size}."
        )
    if num_blocks != c.num_hidden_layers:
        raise inconsistent("num_blocks", f"There are {num_blocks} blocks, but {c.num_hidden_layers} layers.")
    norm = layer_norm(hidden_size, bias=c.use_bias)
    layer = module(norm_mlstm=norm, mlstm_layer=_mlstm(c), norm_ffn=norm, ffn=_feed_forward(c))
    model = causal_lm(
        c,
        repeat(num_blocks, layer),
        norm=rms_norm(hidden_size),
        base="backbone",
        embed_name="embeddings",
        layers_name="blocks",
        norm_name="out_norm",
    )
    head = linear(hidden_size, c.vocab_size, role="head")
    return module({**model.children, "lm_head": head}, cache=StateCache(shared_bytes=8))


def _mlstm(c: Config) -> Module:
    """A head keeps a matrix, its normalizer and its stabilizer, all in the model's format."""
    hidden_size, num_heads, bias = c.hidden_size, c.num_heads, c.use_bias
    qk_dim, v_dim = int(hidden_size * c.qk_dim_factor), int(hidden_size * c.v_dim_factor)
    if c.get("weight_mode", "single") == "fused":
        projections: dict[str, Part] = {
            "qkv_opreact": linear(hidden_size, 2 * qk_dim + 2 * v_dim, bias=bias),
            "ifgate_preact": linear(hidden_size, 2 * num_heads, bias=True),
        }
    else:
        projections = {
            "q": linear(hidden_size, qk_dim, bias=bias),
            "k": linear(hidden_size, qk_dim, bias=bias),
            "v": linear(hidden_size, v_dim, bias=bias),
            "ogate_preact": linear(hidden_size, v_dim, bias=bias),
            "igate_preact": linear(hidden_size, num_heads, bias=True),
            "fgate_preact": linear(hidden_size, num_heads, bias=True),
        }
    qk_head, v_head = (_round_up(dim, _MEMORY_MULTIPLE) // num_heads for dim in (hidden_size * c.qk_dim_factor, v_dim))
    return module(
        projections,
        multihead_norm=layer_norm(num_heads * (v_dim // num_heads), bias=bias),
        out_proj=linear(v_dim, hidden_size, bias=bias),
        cache=StateCache(conv_elements=num_heads * (qk_head * v_head + qk_head + 1)),
    )


def _feed_forward(c: Config) -> Module:
    hidden_size, bias = c.hidden_size, c.use_bias
    intermediate_size = _round_up(hidden_size * c.ffn_proj_factor, c.ffn_round_up_to_multiple_of)
    if c.get("weight_mode", "single") == "fused":
        return module(
            proj_up_gate_z=linear(hidden_size, 2 * intermediate_size, bias=bias),
            proj_down=linear(intermediate_size, hidden_size, bias=bias),
        )
    return gated_mlp(hidden_size, intermediate_size, bias=bias, names=("proj_up_gate", "proj_up", "proj_down"))


def _round_up(value: float, multiple: int) -> int:
    """The next multiple, as xLSTM rounds: up, after cutting off the fraction."""
    return int((value + multiple - 1) // multiple * multiple)
