"""Hunyuan, dots.llm1 and DBRX: decoders with normed queries and keys, or with experts in flat matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, layer_norm, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM")
def hunyuan_dense(c: Config) -> Module:
    """Llama with normed queries and keys."""
    layer = pre_norm_layer(c.hidden_size, _normed_attention(c), gated_mlp(c.hidden_size, c.intermediate_size))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("hunyuan_v1_moe", "HunYuanMoEV1ForCausalLM")
def hunyuan_moe(c: Config) -> Module:
    """Routed experts and a shared block of their intermediate size; their counts may be lists, one item a layer."""
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size

    def layer(count: int, used: int) -> Module:
        feed_forward = module(
            gate=module(wg=router(count, hidden_size)),
            experts=experts(count, used, hidden_size, intermediate_size),
            shared_mlp=gated_mlp(hidden_size, intermediate_size),
        )
        return pre_norm_layer(hidden_size, _normed_attention(c), feed_forward)

    kinds = zip(_per_layer(c, c.num_experts), _per_layer(c, c.get("moe_topk", 1)), strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))


@family("dots1", "Dots1ForCausalLM")
def dots1(c: Config) -> Module:
    """Dense layers first, then shared and routed experts; a window from layer `max_window_layers` on."""
    hidden_size = c.hidden_size

    def layer(layer_type: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        self_attn = self_attention(
            c,
            bias=c.get("attention_bias", False),
            window=window_of(c, layer_type),
            qk_norm=rms_norm(c.head_dim),
        )
        return pre_norm_layer(
            hidden_size, self_attn, _dots1_experts(c) if is_sparse else gated_mlp(hidden_size, c.intermediate_size)
        )

    windowed_from = c.max_window_layers if "sliding_window" in c else c.num_hidden_layers
    default = [
        "sliding_attention" if index >= windowed_from else "full_attention" for index in range(c.num_hidden_layers)
    ]
    sparse = [index >= c.first_k_dense_replace for index in range(c.num_hidden_layers)]
    kinds = zip(c.get("layer_types", default), sparse, strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))


def _dots1_experts(c: Config) -> Module:
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size
    return module(
        experts=experts(c.n_routed_experts, c.get("num_experts_per_tok", 1), hidden_size, moe_intermediate_size),
        gate=router(c.n_routed_experts, hidden_size),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.n_shared_experts),
    )


@family("dbrx", "DbrxForCausalLM")
def dbrx(c: Config) -> Module:
    """The experts of a layer stand below one another in three matrices."""
    d_model, n_heads, ffn = c.d_model, c.n_heads, c.ffn_config
    rows = Weight((ffn.moe_num_experts * ffn.ffn_hidden_size, d_model), "experts")
    layer = module(
        norm_attn_norm=module(
            norm_1=layer_norm(d_model, bias=False),
            attn=fused_attention(
                d_model, n_heads, c.attn_config.kv_n_heads, d_model // n_heads, names=("Wqkv", "out_proj")
            ),
            norm_2=layer_norm(d_model, bias=False),
        ),
        ffn=module(
            router=module(layer=router(ffn.moe_num_experts, d_model)),
            experts=module(
                mlp=module(w1=rows, v1=rows, w2=rows),
                active_share=(min(ffn.moe_top_k, ffn.moe_num_experts), ffn.moe_num_experts),
            ),
        ),
    )
    return causal_lm(
        c,
        repeat(c.n_layers, layer),
        norm=layer_norm(d_model, bias=False),
        base="transformer",
        embed_name="wte",
        layers_name="blocks",
        norm_name="norm_f",
    )


def _normed_attention(c: Config) -> Module:
    norm = rms_norm(c.head_dim)
    return self_attention(c, bias=c.attention_bias, more={"query_layernorm": norm, "key_layernorm": norm})


def _per_layer(c: Config, value: int | list[int]) -> list[int]:
    return list(value) if isinstance(value, list) else [value] * c.num_hidden_layers
