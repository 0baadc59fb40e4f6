"""RWKV 6 (Finch) as its code beside the weights on the Hub has it: a recurrence whose decay follows the text.

An estimate: L layers of width D and a vocabulary of V make 2·D·V + 13·D²·L + D·(464·L + 4) parameters, 912 in place of
464 for a width of 4,096. The published 1.60, 3.10, 7.64 and 14.1 billion say so to three digits. Source: arXiv
2404.05892 (Eagle and Finch).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_WIDE: Final = 4096
"""The width from which on the ranks are twice as large (7B and 14B)."""


@family("rwkv6", "Rwkv6ForCausalLM", kind="state-space", basis="estimate", notes=unconfirmed_notes)
def rwkv6(c: Config) -> Module:
    """Layers that mix along the tokens and along the channels; the first has a norm of its own for the embedding."""
    hidden_size = c.hidden_size
    norm = layer_norm(hidden_size)

    def layer(is_first: bool) -> Module:  # noqa: FBT001 - one value a layer
        return module(
            pre_ln=norm if is_first else None,
            ln1=norm,
            ln2=norm,
            attention=_time_mix(c),
            feed_forward=_channel_mix(c),
        )

    return module(
        rwkv=module(
            embeddings=embedding(c.vocab_size, hidden_size),
            blocks=stack([index == 0 for index in range(c.num_hidden_layers)], layer),
            ln_out=norm,
        ),
        head=linear(hidden_size, c.vocab_size, role="head"),
    )


def _time_mix(c: Config) -> Module:
    """Five projections, two pairs of low rank, and a state of heads · head_size² in fp32."""
    hidden_size, width, head_size = c.hidden_size, c.get("attention_hidden_size", c.hidden_size), c.get("head_size", 64)
    rank, decay_rank = (64, 128) if hidden_size == _WIDE else (32, 64)
    mixes = {f"time_maa_{name}": Weight((1, 1, hidden_size)) for name in "xwkvrg"}
    return module(
        mixes,
        time_maa_w1=Weight((hidden_size, 5 * rank), "linear"),
        time_maa_w2=Weight((5, rank, hidden_size)),
        time_decay=Weight((1, 1, width)),
        time_decay_w1=Weight((hidden_size, decay_rank), "linear"),
        time_decay_w2=Weight((decay_rank, width), "linear"),
        time_faaaa=Weight((width // head_size, head_size)),
        receptance=linear(hidden_size, width),
        key=linear(hidden_size, width),
        value=linear(hidden_size, width),
        gate=linear(hidden_size, width),
        output=linear(width, hidden_size),
        ln_x=layer_norm(width),
        cache=StateCache(conv_elements=2 * hidden_size, recurrent_elements=width * head_size),
    )


def _channel_mix(c: Config) -> Module:
    """Without a width of its own it is 3.5 times as wide as the model, in steps of 32."""
    hidden_size = c.hidden_size
    width = c.get("intermediate_size", int(3.5 * hidden_size) // 32 * 32)
    return module(
        time_maa_k=Weight((1, 1, hidden_size)),
        time_maa_r=Weight((1, 1, hidden_size)),
        key=linear(hidden_size, width),
        receptance=linear(hidden_size, hidden_size),
        value=linear(width, hidden_size),
    )
