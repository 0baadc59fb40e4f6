"""Kimi Linear and Ling's hybrids: delta attention, and latent attention in every few layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import latent_attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.mixers import kimi_delta_attention
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    given_layer_types,
    head,
    pre_norm_layer,
    sparse_layers,
)
from budsim_widgets.architectures.config import Config, inconsistent
from budsim_widgets.architectures.parts import Module, Weight, extended, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.parts import Part


_KINDS = ("full_attention", "linear_attention")


@family("kimi_linear", "KimiLinearForCausalLM")
def kimi_linear(c: Config) -> Module:
    """Published configs keep the linear layers' dimensions, and which they are, in `linear_attn_config`."""
    linear_config = c.get("linear_attn_config", Config({}))
    hidden_size = c.hidden_size
    num_heads = linear_config.get("num_heads", c.linear_num_heads)
    # `head_dim` of a Config follows from other fields where it isn't given.
    head_dim = linear_config.fields.get("head_dim", c.linear_head_dim)
    forget_gate = module(
        f_a_proj=linear(hidden_size, head_dim),
        f_b_proj=linear(head_dim, num_heads * head_dim),
        dt_bias=Weight((num_heads * head_dim,)),
        A_log=Weight((1, 1, num_heads, 1)),
    )
    delta_attention = kimi_delta_attention(
        hidden_size,
        num_heads,
        head_dim,
        conv_kernel=linear_config.get("short_conv_kernel_size", c.linear_conv_kernel_dim),
        forget_gate=forget_gate,
        output_gate={"g_a_proj": linear(hidden_size, head_dim), "g_b_proj": linear(head_dim, num_heads * head_dim)},
    )
    return _model(c, _kimi_kinds(c, linear_config), lambda: _latent_attention(c), delta_attention)


@family("bailing_hybrid", "BailingHybridForCausalLM")
def bailing_hybrid(c: Config) -> Module:
    """Every sixth layer attends; its output is gated head by head."""
    hidden_size, every = c.hidden_size, c.layer_group_size
    kinds = given_layer_types(c, *_KINDS) or [
        "linear_attention" if (index + 1) % every else "full_attention" for index in range(c.num_hidden_layers)
    ]
    linear_num_heads = c.get("linear_num_heads", c.num_attention_heads)
    head_dim = c.get("linear_head_dim", c.head_dim)
    projection_size = linear_num_heads * head_dim
    delta_attention = kimi_delta_attention(
        hidden_size,
        linear_num_heads,
        head_dim,
        conv_kernel=c.get("linear_conv_kernel_dim", c.short_conv_kernel_size),
        forget_gate=module(
            A_log=Weight((linear_num_heads,)),
            dt_bias=Weight((projection_size,)),
            f_proj=linear(hidden_size, projection_size),
        ),
        output_gate={"g_proj": linear(hidden_size, projection_size)},
    )
    gate = linear(hidden_size, c.num_attention_heads)
    return _model(c, kinds, lambda: _latent_attention(c, g_proj=gate), delta_attention)


def _model(c: Config, kinds: list[str], attention: Callable[[], Module], delta_attention: Module) -> Module:
    """The head is never tied."""
    hidden_size = c.hidden_size

    def layer(kind: str, sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        feed_forward = _experts(c) if sparse else gated_mlp(hidden_size, c.intermediate_size)
        return pre_norm_layer(hidden_size, attention() if kind == "full_attention" else delta_attention, feed_forward)

    sparse = sparse_layers(c, dense=c.get("first_k_dense_replace", 1))
    model = causal_lm(c, stack(zip(kinds, sparse, strict=True), layer), norm=rms_norm(hidden_size))
    return module({**model.children, "lm_head": head(c, tied=False)})


def _latent_attention(c: Config, **more: Part) -> Module:
    attention = latent_attention(
        c.hidden_size,
        c.num_attention_heads,
        q_lora_rank=c.get("q_lora_rank") if c.model_type == "kimi_linear" else None,
        kv_lora_rank=c.kv_lora_rank,
        qk_nope_head_dim=c.qk_nope_head_dim,
        qk_rope_head_dim=c.qk_rope_head_dim,
        v_head_dim=c.v_head_dim,
        bias=c.attention_bias,
    )
    return extended(attention, more)


def _experts(c: Config) -> Module:
    return mixture_of_experts(
        c.hidden_size,
        c.num_experts,
        c.num_experts_per_token,
        c.moe_intermediate_size,
        shared_intermediate_size=c.moe_intermediate_size * c.num_shared_experts,
    )


def _kimi_kinds(c: Config, linear_config: Config) -> list[str]:
    """Listed layer by layer, or as the numbers of the layers of each kind, counted from 1."""
    given = given_layer_types(c, *_KINDS)
    if given is not None:
        return given
    if "full_attn_layers" not in linear_config or "kda_layers" not in linear_config:
        return [
            "linear_attention" if index % 4 or not index else "full_attention" for index in range(c.num_hidden_layers)
        ]
    full, linear_ones = set(linear_config.full_attn_layers), set(linear_config.kda_layers)
    if full | linear_ones != set(range(1, c.num_hidden_layers + 1)):
        message = f"`full_attn_layers` and `kda_layers` must name the layers 1 to {c.num_hidden_layers} between them."
        raise inconsistent("linear_attn_config", message)
    return [
        "linear_attention" if index + 1 in linear_ones else "full_attention" for index in range(c.num_hidden_layers)
    ]
