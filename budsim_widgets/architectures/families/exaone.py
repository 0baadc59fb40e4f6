"""LG's EXAONE: 3.5 (7.8B: 7,818,448,896 parameters, as its page says), 4, with experts, and with a vision tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.llama import llama_decoder
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    layer_types,
    pre_norm_layer,
    self_attention,
    sparse_layers,
    window_of,
)
from budsim_widgets.architectures.blocks.multi_token_prediction import layers_at
from budsim_widgets.architectures.blocks.qwen_vision import gated_vision_tower
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


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


@family("exaone", "LlamaForCausalLM")
def exaone_as_llama(c: Config) -> Module:
    """As transformers builds it since 5.24: Llama itself."""
    return llama_decoder(c)


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


@family("exaone_moe", "ExaoneMoeForCausalLM", extras=layers_at("mtp.layers"))
def exaone_moe(c: Config) -> Module:
    """Normed queries and keys; every fourth layer is full, and the first ones are dense."""
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size

    def layer(kind: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        sparse = mixture_of_experts(
            hidden_size,
            c.num_experts,
            c.num_experts_per_tok,
            moe_intermediate_size,
            shared_intermediate_size=moe_intermediate_size * c.num_shared_experts,
        )
        return pre_norm_layer(
            hidden_size,
            self_attention(c, window=window_of(c, kind), qk_norm=rms_norm(c.head_dim)),
            sparse if is_sparse else gated_mlp(hidden_size, c.intermediate_size),
        )

    kinds = zip(
        layer_types(c, full_every=c.get("sliding_window_pattern")),
        sparse_layers(c, dense=c.first_k_dense_replace),
        strict=True,
    )
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))


@family(
    "exaone4_5",
    "Exaone4_5_ForConditionalGeneration",
    kind="multimodal",
    extras=layers_at("mtp.layers", is_size_noted=True),
)
def exaone4_5(c: Config) -> Module:
    """Qwen2.5-VL's frame around EXAONE 4."""
    return multimodal_model(c, tied=is_tied_at_top(c), visual=part_of(c.vision_config))


@family("exaone4_5_vision", "Exaone4_5_VisionModel")
def exaone_vision(c: Config) -> Module:
    """Qwen2.5-VL's tower with fewer heads of keys and values."""
    hidden_size, dim = c.hidden_size, hidden_size_per_head(c)
    attn = module(
        qkv=linear(hidden_size, (c.num_attention_heads + 2 * c.num_key_value_heads) * dim, bias=True),
        proj=linear(hidden_size, hidden_size, bias=True),
    )
    return gated_vision_tower(c, attn)
