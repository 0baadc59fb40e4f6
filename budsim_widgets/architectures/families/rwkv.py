"""RWKV 4: a recurrence that mixes each token with the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.parts import Module, Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("rwkv", "RwkvForCausalLM")
def rwkv(c: Config) -> Module:
    """The first layer has a norm of its own for the embedding."""
    norm = layer_norm(c.hidden_size)

    def layer(is_first: bool) -> Module:  # noqa: FBT001 - one value a layer
        return module(
            pre_ln=norm if is_first else None,
            ln1=norm,
            ln2=norm,
            attention=_time_mix(c),
            feed_forward=_channel_mix(c),
        )

    return causal_lm(
        c,
        stack([index == 0 for index in range(c.num_hidden_layers)], layer),
        norm=norm,
        base="rwkv",
        embed_name="embeddings",
        layers_name="blocks",
        norm_name="ln_out",
        head_name="head",
    )


def _time_mix(c: Config) -> Module:
    """Keeps two tokens in the model's format, for this block and the next, and three sums in fp32."""
    hidden_size = c.hidden_size
    attention_hidden_size = c.get("attention_hidden_size", hidden_size)
    return module(
        time_decay=Weight((attention_hidden_size,)),
        time_first=Weight((attention_hidden_size,)),
        time_mix_key=Weight((1, 1, hidden_size)),
        time_mix_value=Weight((1, 1, hidden_size)),
        time_mix_receptance=Weight((1, 1, hidden_size)),
        key=linear(hidden_size, attention_hidden_size),
        value=linear(hidden_size, attention_hidden_size),
        receptance=linear(hidden_size, attention_hidden_size),
        output=linear(attention_hidden_size, hidden_size),
        cache=StateCache(conv_elements=2 * hidden_size, recurrent_elements=3 * hidden_size),
    )


def _channel_mix(c: Config) -> Module:
    hidden_size = c.hidden_size
    intermediate_size = c.get("intermediate_size", 4 * hidden_size)
    return module(
        time_mix_key=Weight((1, 1, hidden_size)),
        time_mix_receptance=Weight((1, 1, hidden_size)),
        key=linear(hidden_size, intermediate_size),
        receptance=linear(hidden_size, hidden_size),
        value=linear(intermediate_size, hidden_size),
    )
