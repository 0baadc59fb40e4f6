"""HRM: a slow stack of layers and a fast one, which every token passes again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head
from budsim_widgets.architectures.cache import RepeatedCache
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("hrm_text", "HrmTextForCausalLM")
def hrm_text(c: Config) -> Module:
    """In each slow cycle a token passes the fast stack `L_cycles` times and the slow one once; no norm has a weight."""
    return module(
        model=module(
            embed_tokens=embedding(c.vocab_size, c.hidden_size),
            z_L_init=Weight((c.hidden_size,)),
            L_module=_stack(c, passes=c.H_cycles * c.L_cycles),
            H_module=_stack(c, passes=c.H_cycles),
        ),
        lm_head=head(c),
    )


def _stack(c: Config, *, passes: int) -> Module:
    """A saved config counts the layers of all passes as `num_hidden_layers`, and those of a stack beside it."""
    depth = c.get("num_layers_per_stack", c.num_hidden_layers)
    layer = module(self_attn=_attention(c, passes), mlp=gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias))
    return module(layers=repeat(depth, layer))


def _attention(c: Config, passes: int) -> Module:
    hidden_size, num_attention_heads, head_dim, bias = (
        c.hidden_size,
        c.num_attention_heads,
        c.get("head_dim", hidden_size_per_head(c)),
        c.attention_bias,
    )
    gate = linear(hidden_size, num_attention_heads * head_dim, bias=bias)
    weights = attention(
        hidden_size, num_attention_heads, num_attention_heads, head_dim, bias=bias, cached=False, gate_proj=gate
    )
    kept = RepeatedCache(
        num_attention_heads=num_attention_heads,
        num_key_value_heads=num_attention_heads,
        key_head_dim=head_dim,
        value_head_dim=head_dim,
        passes=passes,
    )
    return module(weights.children, cache=kept)
