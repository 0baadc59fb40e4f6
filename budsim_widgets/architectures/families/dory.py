"""Dory, NVIDIA's nGPT: every vector stays on the unit sphere, and the layers in the middle are passed several times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, linear
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, head, self_attention, window_of
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, extended, module, repeated_caches, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("dory", "DoryForCausalLM")
def dory(c: Config) -> Module:
    """No norm has a weight; what is scaled instead is learned for each channel."""
    plan = _Plan.read(c)
    passes = c.n_recurrent_loops if c.get("recurrent_kv_cache_mode", "per_loop") == "per_loop" else 1

    def layer(kind: str, is_repeated: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        usual = _layer(c, kind)
        return repeated_caches(usual, passes) if is_repeated else usual

    repeated = range(plan.n_input_layers, plan.n_input_layers + plan.n_recurrent_layers)
    kinds = ((kind, index in repeated) for index, kind in enumerate(plan.kinds))
    whole = causal_lm(c, stack(kinds, layer), norm=None)
    return extended(whole, {"lm_head": extended(head(c) or module(), {"logit_scale": Weight((c.vocab_size,))})})


def _layer(c: Config, kind: str) -> Module:
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size
    width, per_channel = c.num_attention_heads * c.head_dim, Weight((hidden_size,), "norm")
    scale = Weight((width,), "norm")
    gate = linear(hidden_size, width, bias=False)
    attention = self_attention(c, bias=c.attention_bias, window=window_of(c, kind))
    scales = {f"suv_{name}": Weight((intermediate_size,), "norm") for name in ("gate", "up")}
    return module(
        self_attn=extended(attention, {"gate_proj": gate, "sqk": scale, "s_gate": scale}),
        mlp=extended(gated_mlp(hidden_size, intermediate_size, bias=c.mlp_bias), scales),
        lambda_1=per_channel,
        lambda_2=per_channel,
    )


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """The kind of every layer, and how many come before, in and behind the part that is passed several times."""

    kinds: tuple[str, ...]
    n_input_layers: int
    n_recurrent_layers: int

    @classmethod
    def read(cls, c: Config) -> _Plan:
        """Released files list attention and feed-forward blocks apart, and count both: a layer is a pair of them.

        Raises:
            ConfigError: `INCONSISTENT`, where the parts don't make up all layers.
        """
        listed = c.get("layer_types")
        per_layer = 2 if listed is not None and "mlp" in listed else 1
        count, first, last = (
            value // per_layer for value in (c.num_hidden_layers, c.n_input_layers, c.n_output_layers)
        )
        given = c.get("n_recurrent_layers")
        middle = count - first - last if given is None else given // per_layer
        if middle < 0 or first + middle + last != count or c.n_recurrent_loops < 1:
            message = f"{first} layers, {middle} that are repeated and {last} don't make up {count}."
            raise inconsistent("n_recurrent_layers", message)
        counted = c.changed({**c.fields, "num_hidden_layers": count, "layer_types": listed and listed[::per_layer]})
        kinds = given_layer_types(counted, "full_attention", "sliding_attention") or [
            "sliding_attention" if (index + 1) % 4 else "full_attention" for index in range(count)
        ]
        return cls(kinds=tuple(kinds), n_input_layers=first, n_recurrent_layers=middle)
