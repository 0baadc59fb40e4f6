"""Llama with one thing changed: a norm more or less, other windows, a plain feed-forward block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import Module, Part, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


def _same_layers(c: Config, layer: Module, norm: Module | None = None) -> Module:
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=norm or rms_norm(c.hidden_size))


@family("ministral3", "Ministral3ForCausalLM")
def ministral3(c: Config) -> Module:
    """No bias; the window, where set, holds for all layers."""
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size)
    return _same_layers(
        c, pre_norm_layer(c.hidden_size, self_attention(c, window=c.get("sliding_window")), feed_forward)
    )


@family("bitnet", "BitNetForCausalLM")
def bitnet(c: Config) -> Module:
    """A norm before each last projection."""
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size
    self_attn = self_attention(c, bias=c.attention_bias, more={"attn_sub_norm": rms_norm(hidden_size)})
    feed_forward = gated_mlp(hidden_size, intermediate_size)
    return _same_layers(
        c,
        pre_norm_layer(
            hidden_size, self_attn, module({**feed_forward.children, "ffn_sub_norm": rms_norm(intermediate_size)})
        ),
    )


@family("diffllama", "DiffLlamaForCausalLM")
def diffllama(c: Config) -> Module:
    """The difference of two attentions, weighed by four learned vectors; its group norm has no weight."""
    weights: dict[str, Part | None] = {f"lambda_{name}": Weight((c.head_dim,)) for name in ("q1", "k1", "q2", "k2")}
    self_attn = self_attention(c, bias=c.attention_bias, more=weights)
    return _same_layers(c, pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size)))


@family("helium", "HeliumForCausalLM")
def helium(c: Config) -> Module:
    """The output projection is `hidden_size` wide, whatever `head_dim` says."""
    hidden_size, num_attention_heads, num_key_value_heads = c.hidden_size, c.num_attention_heads, c.num_key_value_heads
    self_attn = module(
        q_proj=linear(hidden_size, num_attention_heads * c.head_dim, bias=c.attention_bias),
        k_proj=linear(hidden_size, num_key_value_heads * c.head_dim, bias=c.attention_bias),
        v_proj=linear(hidden_size, num_key_value_heads * c.head_dim, bias=c.attention_bias),
        o_proj=linear(hidden_size, hidden_size),
        cache=kv_cache(num_attention_heads, num_key_value_heads, c.head_dim),
    )
    return _same_layers(
        c, pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias))
    )


@family("jais2", "Jais2ForCausalLM")
def jais2(c: Config) -> Module:
    """Layer norms and a plain feed-forward block, with biases."""
    hidden_size, norm = c.hidden_size, layer_norm(c.hidden_size)
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias),
        mlp=mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
        input_layernorm=norm,
        post_attention_layernorm=norm,
    )
    return _same_layers(c, layer, norm)


@family("nanochat", "NanoChatForCausalLM")
def nanochat(c: Config) -> Module:
    """A plain feed-forward block; none of its norms has a weight."""
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias),
        mlp=mlp(c.hidden_size, c.intermediate_size, bias=False, names=("fc1", "fc2")),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=None)


@family("cwm", "CwmForCausalLM")
def cwm(c: Config) -> Module:
    """The first of every four layers is full."""
    default = ["sliding_attention" if index % 4 else "full_attention" for index in range(c.num_hidden_layers)]

    def layer(layer_type: str) -> Module:
        feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
        return pre_norm_layer(c.hidden_size, self_attention(c, window=window_of(c, layer_type)), feed_forward)

    return causal_lm(c, stack(c.get("layer_types", default), layer), norm=rms_norm(c.hidden_size))


@family("vaultgemma", "VaultGemmaForCausalLM")
def vaultgemma(c: Config) -> Module:
    """Gemma 2 without the norms behind the blocks."""
    hidden_size = c.hidden_size

    def layer(layer_type: str) -> Module:
        return module(
            self_attn=self_attention(c, bias=c.attention_bias, window=window_of(c, layer_type)),
            mlp=gated_mlp(hidden_size, c.intermediate_size),
            input_layernorm=rms_norm(hidden_size),
            pre_feedforward_layernorm=rms_norm(hidden_size),
        )

    return causal_lm(c, stack(layer_types(c, full_every=2), layer), norm=rms_norm(hidden_size))


@family("arcee", "ArceeForCausalLM")
def arcee(c: Config) -> Module:
    """A plain feed-forward block."""
    self_attn = self_attention(c, bias=c.attention_bias)
    return _same_layers(
        c, pre_norm_layer(c.hidden_size, self_attn, mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias))
    )


@family("seed_oss", "SeedOssForCausalLM")
def seed_oss(c: Config) -> Module:
    """Biases of inputs and outputs by two flags."""
    self_attn = self_attention(c, bias=c.attention_bias, out_bias=c.attention_out_bias)
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
    return _same_layers(c, pre_norm_layer(c.hidden_size, self_attn, feed_forward))


@family("ernie4_5", "Ernie4_5ForCausalLM")
@family("ernie4_5", "Ernie4_5_ForCausalLM")
def ernie4_5(c: Config) -> Module:
    """One flag for all biases."""
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.use_bias)
    return _same_layers(c, pre_norm_layer(c.hidden_size, self_attention(c, bias=c.use_bias), feed_forward))


@family("apertus", "ApertusForCausalLM")
def apertus(c: Config) -> Module:
    """A plain feed-forward block whose activation learns two numbers."""
    hidden_size = c.hidden_size
    activation = module(alpha_p=Weight((1,)), alpha_n=Weight((1,))) if c.get("hidden_act", "xielu") == "xielu" else None
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias, qk_norm=rms_norm(c.head_dim)),
        mlp=module({**mlp(hidden_size, c.intermediate_size, bias=False).children, "act_fn": activation}),
        attention_layernorm=rms_norm(hidden_size),
        feedforward_layernorm=rms_norm(hidden_size),
    )
    return _same_layers(c, layer)


@family("smollm3", "SmolLM3ForCausalLM")
def smollm3(c: Config) -> Module:
    """With `use_sliding_window`, the layers without rotary positions (every fourth) look at a window."""
    count, interval = c.num_hidden_layers, c.no_rope_layer_interval
    rotary = c.get("no_rope_layers", [int((index + 1) % interval != 0) for index in range(count)])
    windowed = c.get("use_sliding_window", False) and "sliding_window" in c
    default = ["sliding_attention" if windowed and not has_rope else "full_attention" for has_rope in rotary]

    def layer(layer_type: str) -> Module:
        window = window_of(c, layer_type) if windowed else None
        feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
        return pre_norm_layer(c.hidden_size, self_attention(c, bias=c.attention_bias, window=window), feed_forward)

    return causal_lm(c, stack(c.get("layer_types", default), layer), norm=rms_norm(c.hidden_size))


@family("exaone4", "Exaone4ForCausalLM")
def exaone4(c: Config) -> Module:
    """Norms behind the blocks, normed queries and keys; every fourth layer is full."""
    pattern = c.get("sliding_window_pattern") if "sliding_window" in c else None

    def layer(layer_type: str) -> Module:
        return module(
            self_attn=self_attention(c, window=window_of(c, layer_type), qk_norm=rms_norm(c.head_dim)),
            mlp=gated_mlp(c.hidden_size, c.intermediate_size),
            post_attention_layernorm=rms_norm(c.hidden_size),
            post_feedforward_layernorm=rms_norm(c.hidden_size),
        )

    return causal_lm(c, stack(layer_types(c, full_every=pattern), layer), norm=rms_norm(c.hidden_size))


@family("ministral", "MinistralForCausalLM")
def ministral(c: Config) -> Module:
    """Where a window is set, all layers look at it unless `layer_types` says otherwise."""
    kind = "sliding_attention" if "sliding_window" in c else "full_attention"

    def layer(layer_type: str) -> Module:
        feed_forward = gated_mlp(c.hidden_size, c.intermediate_size)
        return pre_norm_layer(c.hidden_size, self_attention(c, window=window_of(c, layer_type)), feed_forward)

    kinds = c.get("layer_types", [kind] * c.num_hidden_layers)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(c.hidden_size))
