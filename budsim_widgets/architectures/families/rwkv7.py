"""RWKV 7 in the format of flash-linear-attention: a recurrence with learned decay.

An estimate: no total that is published was compared with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("rwkv7", "RWKV7ForCausalLM", kind="state-space", basis="estimate", notes=unconfirmed_notes)
def rwkv7(c: Config) -> Module:
    """Layers that mix along the tokens and along the channels; the first has a norm of its own for the embedding."""
    hidden_size = c.hidden_size
    norm = layer_norm(hidden_size)

    def layer(is_first: bool) -> Module:  # noqa: FBT001 - one value a layer
        return module(
            pre_norm=norm if is_first else None,
            attn_norm=norm,
            ffn_norm=norm,
            attn=_time_mix(c, is_first=is_first),
            ffn=module(
                x_k=Weight((hidden_size,)),
                key=linear(hidden_size, c.get("intermediate_size", 4 * hidden_size)),
                value=linear(c.get("intermediate_size", 4 * hidden_size), hidden_size),
            ),
        )

    return module(
        model=module(
            embeddings=embedding(c.vocab_size, hidden_size),
            layers=stack([index == 0 for index in range(c.num_hidden_layers)], layer),
            norm=norm,
        ),
        lm_head=linear(hidden_size, c.vocab_size, role="head"),
    )


def _time_mix(c: Config, *, is_first: bool) -> Module:
    """Four projections, four of low rank, and a state of heads · head_dim² in fp32."""
    hidden_size, head_dim = c.hidden_size, c.get("head_dim", 64)
    ranks = {
        "w_lora": c.get("decay_low_rank_dim", 64),
        "a_lora": c.get("a_low_rank_dim", 64),
        "g_lora": c.get("gate_low_rank_dim", 128),
        "v_lora": 0 if is_first else c.get("v_low_rank_dim", 32),
    }
    low_rank = {
        name: module({"0": linear(hidden_size, rank), "2": linear(rank, hidden_size, bias=name != "g_lora")})
        for name, rank in ranks.items()
        if rank
    }
    mixes = {f"x_{name}": Weight((hidden_size,)) for name in "rwkvag"}
    return module(
        {**mixes, **low_rank},
        k_k=Weight((hidden_size,)),
        k_a=Weight((hidden_size,)),
        r_k=Weight((hidden_size,)),
        r_proj=linear(hidden_size, hidden_size),
        k_proj=linear(hidden_size, hidden_size),
        v_proj=linear(hidden_size, hidden_size),
        o_proj=linear(hidden_size, hidden_size),
        g_norm=layer_norm(hidden_size),
        cache=StateCache(conv_elements=2 * hidden_size, recurrent_elements=hidden_size * head_dim),
    )
