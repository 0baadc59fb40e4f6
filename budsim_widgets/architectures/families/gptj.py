"""GPT-J and CodeGen: attention and feed-forward block in parallel behind one norm, a head with a bias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, fused_attention
from budsim_widgets.architectures.blocks.layers import layer_norm, mlp
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("gptj", "GPTJForCausalLM")
def gptj(c: Config) -> Module:
    """Separate projections."""
    size, heads, names = c.hidden_size, c.num_attention_heads, ("q_proj", "k_proj", "v_proj", "out_proj")
    return _parallel(c, attention(size, heads, heads, size // heads, names=names))


@family("codegen", "CodeGenForCausalLM")
def codegen(c: Config) -> Module:
    """One fused projection."""
    size, heads = c.hidden_size, c.num_attention_heads
    return _parallel(c, fused_attention(size, heads, heads, size // heads, names=("qkv_proj", "out_proj")))


def _parallel(c: Config, attn: Module) -> Module:
    size = c.hidden_size
    layer = module(
        ln_1=layer_norm(size),
        attn=attn,
        mlp=mlp(size, c.get("n_inner", 4 * size), names=("fc_in", "fc_out")),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(size),
        base="transformer",
        embed_name="wte",
        layers_name="h",
        norm_name="ln_f",
        head_bias=True,
    )
