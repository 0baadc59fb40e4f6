"""StableLM: layer norms, and by choice a norm for each head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm
from budsim_widgets.architectures.blocks.models import causal_lm, self_attention
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("stablelm", "StableLmForCausalLM")
def stablelm(c: Config) -> Module:
    """Each head may have a norm of its own; with parallel blocks one norm serves both. `head_dim` is never read."""
    c = c.with_derived_heads()
    hidden_size = c.hidden_size
    norms = {"q_layernorm": c.num_attention_heads, "k_layernorm": c.num_key_value_heads} if c.qk_layernorm else {}
    self_attn = self_attention(
        c,
        bias=c.use_qkv_bias,
        out_bias=False,
        more={
            name: module(norms=repeat(num_attention_heads, layer_norm(c.head_dim, bias=False)))
            for name, num_attention_heads in norms.items()
        },
    )
    layer = module(
        self_attn=self_attn,
        mlp=gated_mlp(hidden_size, c.intermediate_size),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=None if c.use_parallel_residual else layer_norm(hidden_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=layer_norm(hidden_size))
