"""TII's Falcon: fused projections and parallel blocks, Falcon Mamba, and Falcon H1 with both attention and Mamba-2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.mamba import (
    hybrid_attention,
    hybrid_decoder,
    hybrid_layer,
    mamba2_of_config,
    mamba_decoder,
)
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("falcon", "FalconForCausalLM")
def falcon(c: Config) -> Module:
    """The later architecture projects groups of keys, but keeps them repeated for every query head."""
    hidden_size = c.hidden_size
    layer = module(
        _norms(c),
        self_attention=_attention(c),
        mlp=mlp(
            hidden_size,
            c.get("ffn_hidden_size", 4 * hidden_size),
            bias=c.bias,
            names=("dense_h_to_4h", "dense_4h_to_h"),
        ),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size),
        base="transformer",
        embed_name="word_embeddings",
        layers_name="h",
        norm_name="ln_f",
    )


@family("RefinedWeb", "RWForCausalLM")
@family("RefinedWebModel", "RWForCausalLM")
def refined_web(c: Config) -> Module:
    """Falcon under the names that its own code gave it: `RefinedWeb` is the later architecture."""
    names = {"num_kv_heads": c.get("n_head_kv"), "new_decoder_architecture": c.model_type == "RefinedWeb"}
    usual = {"bias": False, "multi_query": True, "parallel_attn": True, "tie_word_embeddings": True}
    return falcon(c.changed({**usual, **c.fields, **names}))


def _attention(c: Config) -> Module:
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    head_dim = hidden_size // num_attention_heads
    projected = (
        c.get("num_kv_heads", num_attention_heads)
        if c.new_decoder_architecture
        else 1
        if c.multi_query
        else num_attention_heads
    )
    kept = num_attention_heads if c.new_decoder_architecture else projected
    return module(
        query_key_value=linear(hidden_size, (num_attention_heads + 2 * projected) * head_dim, bias=c.bias),
        dense=linear(hidden_size, hidden_size, bias=c.bias),
        cache=kv_cache(num_attention_heads, kept, head_dim),
    )


def _norms(c: Config) -> dict[str, Module]:
    norm = layer_norm(c.hidden_size)
    if not c.parallel_attn:
        return {"post_attention_layernorm": norm, "input_layernorm": norm}
    if c.get("num_ln_in_parallel_attn", 2 if c.new_decoder_architecture else 1) == 2:  # noqa: PLR2004 - two norms
        return {"ln_attn": norm, "ln_mlp": norm}
    return {"input_layernorm": norm}


@family("falcon_mamba", "FalconMambaForCausalLM")
def falcon_mamba(c: Config) -> Module:
    """Mamba with further norms that have no weights."""
    return mamba_decoder(c)


@family("falcon_h1", "FalconH1ForCausalLM")
def falcon_h1(c: Config) -> Module:
    """Every layer has attention and Mamba-2 side by side."""
    mamba_intermediate_size = c.get("mamba_d_ssm", c.get("mamba_expand", 2) * c.hidden_size)
    layer = hybrid_layer(
        c,
        gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias),
        self_attn=hybrid_attention(c),
        mamba=mamba2_of_config(c, mamba_intermediate_size, out_bias=c.projectors_bias, gated_norm=c.mamba_rms_norm),
    )
    return hybrid_decoder(c, repeat(c.num_hidden_layers, layer))
