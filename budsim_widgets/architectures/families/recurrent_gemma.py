"""RecurrentGemma (Griffin): gated linear recurrences, and attention over a window in every third layer."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import depthwise_conv, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_MAX_REPEATS = 100


@family("recurrent_gemma", "RecurrentGemmaForCausalLM")
def recurrent_gemma(c: Config) -> Module:
    """`block_types` repeats down the layers; `intermediate_size` counts both ways up."""
    hidden_size = c.hidden_size

    def layer(block_type: str) -> Module:
        return module(
            temporal_pre_norm=rms_norm(hidden_size),
            temporal_block=_recurrent_block(c) if block_type == "recurrent" else _attention(c),
            channel_pre_norm=rms_norm(hidden_size),
            mlp_block=gated_mlp(hidden_size, c.intermediate_size // 2, bias=True),
        )

    if not c.block_types or len(c.block_types) * _MAX_REPEATS < c.num_hidden_layers:
        message = f"`block_types` repeats at most {_MAX_REPEATS} times, too few for {c.num_hidden_layers} layers."
        raise inconsistent("block_types", message)
    kinds = islice(cycle(c.block_types), c.num_hidden_layers)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size), norm_name="final_norm")


def _attention(c: Config) -> Module:
    return attention(
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=c.attention_bias,
        out_bias=True,
        window=c.attention_window_size,
    )


def _recurrent_block(c: Config) -> Module:
    """Its state lies in the module, not in the cache; it takes the same memory."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    lru_width = c.get("lru_width", hidden_size)
    block = lru_width // num_attention_heads
    gates = {
        f"{name}_gate_{part}": Weight(
            (num_attention_heads, block, block) if part == "weight" else (num_attention_heads, block)
        )
        for name in ("input", "recurrent")
        for part in ("weight", "bias")
    }
    return module(
        linear_y=linear(hidden_size, lru_width, bias=True),
        linear_x=linear(hidden_size, lru_width, bias=True),
        linear_out=linear(lru_width, hidden_size, bias=True),
        conv_1d=depthwise_conv(lru_width, c.conv1d_width),
        rg_lru=module(gates, recurrent_param=Weight((lru_width,))),
        cache=StateCache(conv_elements=lru_width * (c.conv1d_width - 1), recurrent_elements=lru_width),
    )
