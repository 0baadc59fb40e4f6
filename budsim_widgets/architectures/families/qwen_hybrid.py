"""Qwen3-Next and Qwen3.5: three layers of linear attention, then one that attends to everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.mixers import gated_delta_net
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, head
from budsim_widgets.architectures.blocks.multi_token_prediction import prediction_layers, text_part
from budsim_widgets.architectures.blocks.vision import unbuilt_towers
from budsim_widgets.architectures.parts import Module, module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.extras import Extra


def _extras(c: Config, _: Module) -> tuple[Extra, ...]:
    """The layer for multi-token prediction attends to everything."""
    text = text_part(c)
    layer = _layer(text, "full_attention", sparse="num_experts" in text)
    count = text.get("mtp_num_hidden_layers", 1)
    return (prediction_layers(text.hidden_size, "mtp.layers", [layer] * count, is_confirmed=True),) if count else ()


def _text_extras(c: Config, root: Module) -> tuple[Extra, ...]:
    return (*_extras(c, root), *unbuilt_towers(qwen3_5(c)))


@family("qwen3_next", "Qwen3NextForCausalLM", extras=_extras)
def qwen3_next(c: Config) -> Module:
    """Experts as in Qwen 3, beside one that every token passes through."""
    kinds = zip(_kinds(c), _sparse(c), strict=True)
    return causal_lm(c, stack(kinds, lambda kind, sparse: _layer(c, kind, sparse=sparse)), norm=rms_norm(c.hidden_size))


@family("qwen3_5_text", "Qwen3_5ForCausalLM", extras=_extras)
@family("qwen3_5_moe_text", "Qwen3_5MoeForCausalLM", extras=_extras)
def qwen3_5_text(c: Config) -> Module:
    """Dense in all layers, or experts in all."""
    sparse = c.model_type == "qwen3_5_moe_text"
    return causal_lm(c, stack(_kinds(c), lambda kind: _layer(c, kind, sparse=sparse)), norm=rms_norm(c.hidden_size))


@family("qwen3_5", "Qwen3_5ForCausalLM", extras=_text_extras)
@family("qwen3_5_moe", "Qwen3_5MoeForCausalLM", extras=_text_extras)
def qwen3_5_without_vision(c: Config) -> Module:
    """The language model alone, from the config of the whole."""
    return part_of(c.text_config)


@family("qwen3_5", "Qwen3_5ForConditionalGeneration", kind="multimodal", extras=_extras)
@family("qwen3_5_moe", "Qwen3_5MoeForConditionalGeneration", kind="multimodal", extras=_extras)
def qwen3_5(c: Config) -> Module:
    """Qwen 3.5 that sees; the top level decides whether the head is tied."""
    return module(
        model=module(visual=part_of(c.vision_config), language_model=part_of(c.text_config, "model")),
        lm_head=head(c.text_config, tied=c.tie_word_embeddings),
    )


def _layer(c: Config, kind: str, *, sparse: bool) -> Module:
    hidden_size = c.hidden_size
    feed_forward = (
        mixture_of_experts(
            hidden_size,
            c.num_experts,
            c.num_experts_per_tok,
            c.moe_intermediate_size,
            shared_intermediate_size=c.shared_expert_intermediate_size,
            shared_name="shared_expert",
            shared_expert_gate=linear(hidden_size, 1),
        )
        if sparse
        else gated_mlp(hidden_size, c.intermediate_size)
    )
    norm = rms_norm(hidden_size)
    mixer = {"self_attn": _attention(c)} if kind == "full_attention" else {"linear_attn": linear_attention(c)}
    return module(mixer, mlp=feed_forward, input_layernorm=norm, post_attention_layernorm=norm)


def _attention(c: Config) -> Module:
    """The query projection yields a gate for the output as well."""
    hidden_size, num_attention_heads, norm = c.hidden_size, c.num_attention_heads, rms_norm(c.head_dim)
    whole = attention(
        hidden_size,
        num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=c.attention_bias,
        q_norm=norm,
        k_norm=norm,
    )
    query = linear(hidden_size, 2 * num_attention_heads * c.head_dim, bias=c.attention_bias)
    return module({**whole.children, "q_proj": query}, cache=whole.cache)


def linear_attention(c: Config) -> Module:
    """Gated DeltaNet of the config's `linear_…` dimensions."""
    return gated_delta_net(
        c.hidden_size,
        num_key_heads=c.linear_num_key_heads,
        num_value_heads=c.linear_num_value_heads,
        key_head_dim=c.linear_key_head_dim,
        value_head_dim=c.linear_value_head_dim,
        conv_kernel=c.linear_conv_kernel_dim,
        fused=c.model_type == "qwen3_next",
    )


def _kinds(c: Config) -> list[str]:
    given = given_layer_types(c, "linear_attention", "full_attention")
    if given is not None:
        return given
    every = c.get("full_attention_interval", 4)
    return ["linear_attention" if (i + 1) % every else "full_attention" for i in range(c.num_hidden_layers)]


def _sparse(c: Config) -> list[bool]:
    dense = set(c.get("mlp_only_layers", ()))
    return [
        index not in dense and c.num_experts > 0 and (index + 1) % c.decoder_sparse_step == 0
        for index in range(c.num_hidden_layers)
    ]
