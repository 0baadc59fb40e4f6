"""GPT-J and CodeGen: attention and feed-forward block in parallel behind one norm, a head with a bias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, fused_attention
from budsim_widgets.architectures.blocks.buffers import causal_masks
from budsim_widgets.architectures.blocks.layers import layer_norm, mlp
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("gptj", "GPTJForCausalLM", extras=causal_masks("transformer.h.*.attn.bias"))
def gptj(c: Config) -> Module:
    """Separate projections."""
    hidden_size, num_attention_heads, names = (
        c.hidden_size,
        c.num_attention_heads,
        ("q_proj", "k_proj", "v_proj", "out_proj"),
    )
    return _parallel(
        c,
        attention(
            hidden_size, num_attention_heads, num_attention_heads, hidden_size // num_attention_heads, names=names
        ),
    )


@family("codegen", "CodeGenForCausalLM", extras=causal_masks("transformer.h.*.attn.causal_mask"))
def codegen(c: Config) -> Module:
    """One fused projection."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    return _parallel(
        c,
        fused_attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            names=("qkv_proj", "out_proj"),
        ),
    )


def _parallel(c: Config, attn: Module) -> Module:
    hidden_size = c.hidden_size
    layer = module(
        ln_1=layer_norm(hidden_size),
        attn=attn,
        mlp=mlp(hidden_size, c.get("n_inner", 4 * hidden_size), names=("fc_in", "fc_out")),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size),
        base="transformer",
        embed_name="wte",
        layers_name="h",
        norm_name="ln_f",
        head_bias=True,
    )
