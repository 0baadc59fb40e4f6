"""Families whose code lies beside their weights on the Hub: close relatives of Llama.

transformers doesn't hold their code, so each is confirmed by the parameter total that its model page publishes:
Baichuan-7B 7,000,559,616; InternLM2-7B 7,737,708,544; MiniCPM-2B 2,724,880,896; Qwen-7B 7,721,324,544;
EXAONE-3.5-7.8B 7,818,448,896; MiMo-7B 7,833,409,536 with its multi-token-prediction layer. InternLM-7B and Orion-14B
publish none to compare with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, fused_attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, head, pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.multi_token_prediction import layers_at
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


def _unconfirmed(c: Config) -> tuple[str, ...]:
    return (f"Described from the code that '{c.model_type}' models bring along; no published total confirms it.",)


def _same_layers(c: Config, layer: Module) -> Module:
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("baichuan", "BaichuanForCausalLM")
@family("baichuan", "BaiChuanForCausalLM")
def baichuan(c: Config) -> Module:
    """One matrix for queries, keys and values."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    self_attn = fused_attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size // num_attention_heads,
        names=("W_pack", "o_proj"),
    )
    return _same_layers(c, pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size)))


@family("internlm", "InternLMForCausalLM", basis="estimate", notes=_unconfirmed)
def internlm(c: Config) -> Module:
    """Llama with biases in attention."""
    self_attn = self_attention(c, bias=c.get("bias", True))
    return _same_layers(c, pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size)))


@family("internlm2", "InternLM2ForCausalLM")
def internlm2(c: Config) -> Module:
    """Llama with a fused projection and other names."""
    hidden_size, bias = c.hidden_size, c.get("bias", False)
    layer = module(
        attention=fused_attention(
            hidden_size,
            c.num_attention_heads,
            c.num_key_value_heads,
            hidden_size // c.num_attention_heads,
            bias=bias,
            names=("wqkv", "wo"),
        ),
        feed_forward=gated_mlp(hidden_size, c.intermediate_size, names=("w1", "w3", "w2")),
        attention_norm=rms_norm(hidden_size),
        ffn_norm=rms_norm(hidden_size),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=rms_norm(hidden_size),
        embed_name="tok_embeddings",
        head_name="output",
    )


@family("minicpm", "MiniCPMForCausalLM")
def minicpm(c: Config) -> Module:
    """Llama with scaled residuals; the head is tied unless the config says otherwise."""
    hidden_size = c.hidden_size
    layer = pre_norm_layer(
        hidden_size, self_attention(c, bias=c.get("attention_bias", False)), gated_mlp(hidden_size, c.intermediate_size)
    )
    return module(
        model=causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size)).children["model"],
        lm_head=head(c, tied=c.get("tie_word_embeddings", True)),
    )


@family("orion", "OrionForCausalLM", basis="estimate", notes=_unconfirmed)
def orion(c: Config) -> Module:
    """Llama with layer norms."""
    hidden_size, norm = c.hidden_size, layer_norm(c.hidden_size)
    layer = module(
        self_attn=self_attention(c, bias=c.get("attention_bias", False)),
        mlp=gated_mlp(hidden_size, c.intermediate_size),
        input_layernorm=norm,
        post_attention_layernorm=norm,
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=norm)


@family("mimo", "MiMoForCausalLM", extras=layers_at("model.mtp_layers", is_confirmed=True))
def mimo(c: Config) -> Module:
    """Qwen 2; its checkpoint brings a layer that predicts one token further."""
    self_attn = self_attention(c, bias=c.get("attention_bias", True), out_bias=False)
    return _same_layers(c, pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size)))


@family("exaone", "ExaoneForCausalLM")
def exaone(c: Config) -> Module:
    """Llama under other names."""
    hidden_size = c.hidden_size
    projections = ("q_proj", "k_proj", "v_proj", "out_proj")
    layer = module(
        ln_1=rms_norm(hidden_size),
        attn=module(
            attention=attention(
                hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, names=projections
            )
        ),
        ln_2=rms_norm(hidden_size),
        mlp=gated_mlp(hidden_size, c.intermediate_size, names=("c_fc_0", "c_fc_1", "c_proj")),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=rms_norm(hidden_size),
        base="transformer",
        embed_name="wte",
        layers_name="h",
        norm_name="ln_f",
    )


@family("qwen", "QWenLMHeadModel")
def qwen(c: Config) -> Module:
    """The first Qwen; each way of its feed-forward block is half of `intermediate_size` wide."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    projected, intermediate_size, bias = (
        num_attention_heads * c.get("kv_channels", hidden_size // num_attention_heads),
        c.intermediate_size // 2,
        not c.no_bias,
    )
    attn = fused_attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        projected // num_attention_heads,
        bias=True,
        out_bias=bias,
        names=("c_attn", "c_proj"),
    )
    layer = module(
        ln_1=rms_norm(hidden_size),
        attn=attn,
        ln_2=rms_norm(hidden_size),
        mlp=module(
            w1=linear(hidden_size, intermediate_size, bias=bias),
            w2=linear(hidden_size, intermediate_size, bias=bias),
            c_proj=linear(intermediate_size, hidden_size, bias=bias),
        ),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=rms_norm(hidden_size),
        base="transformer",
        embed_name="wte",
        layers_name="h",
        norm_name="ln_f",
    )
