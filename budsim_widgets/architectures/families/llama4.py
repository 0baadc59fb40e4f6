"""Llama 4: chunks between full layers, experts beside a shared one, and a tower of patches before the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, self_attention
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, side_of
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("llama4_text", "Llama4ForCausalLM")
def llama4_text(c: Config) -> Module:
    """Layers with rotary positions attend to chunks of tokens, those without to all tokens."""
    hidden_size = c.hidden_size

    def layer(kind: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        window = c.attention_chunk_size if kind == "chunked_attention" else None
        return module(
            self_attn=self_attention(c, bias=c.attention_bias, window=window),
            feed_forward=_experts(c) if is_sparse else gated_mlp(hidden_size, c.intermediate_size_mlp),
            input_layernorm=rms_norm(hidden_size),
            post_attention_layernorm=rms_norm(hidden_size),
        )

    return causal_lm(c, stack(zip(_kinds(c), _sparse(c), strict=True), layer), norm=rms_norm(hidden_size))


@family("llama4", "Llama4ForCausalLM")
def llama4_alone(c: Config) -> Module:
    """The language model of a whole Llama 4's config."""
    return llama4_text(c.text_config)


@family("llama4", "Llama4ForConditionalGeneration", kind="multimodal")
def llama4(c: Config) -> Module:
    """The text's part of the config alone ties the head."""
    return module(
        vision_model=part_of(c.vision_config),
        multi_modal_projector=module(linear_1=linear(c.vision_config.vision_output_dim, c.text_config.hidden_size)),
        language_model=llama4_text(c.text_config),
    )


@family("llama4_vision_model", "Llama4VisionModel")
def llama4_vision(c: Config) -> Module:
    """Patches as one matrix, a class vector, learned positions; four patches become one behind the last layer."""
    hidden_size, side = c.hidden_size, side_of(c.patch_size, "patch_size")
    num_attention_heads, projector_input_dim = c.num_attention_heads, c.projector_input_dim
    projector_output_dim = c.get("projector_output_dim", 4096)
    layer = module(
        self_attn=attention(
            hidden_size, num_attention_heads, num_attention_heads, hidden_size_per_head(c), bias=True, cached=False
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return module(
        class_embedding=Weight((hidden_size,), "embedding"),
        positional_embedding_vlm=Weight(
            ((side_of(c.image_size, "image_size") // side) ** 2 + 1, hidden_size), "embedding"
        ),
        patch_embedding=module(linear=linear(c.num_channels * side**2, hidden_size)),
        layernorm_pre=layer_norm(hidden_size),
        layernorm_post=layer_norm(hidden_size),
        model=module(layers=repeat(c.num_hidden_layers, layer)),
        vision_adapter=module(
            mlp=module(
                fc1=linear(c.intermediate_size, projector_input_dim),
                fc2=linear(projector_output_dim, projector_output_dim),
            )
        ),
    )


def _kinds(c: Config) -> list[str]:
    given = given_layer_types(c)
    if given is not None:
        return given
    rotary = c.get("no_rope_layers") or [
        (index + 1) % c.no_rope_layer_interval != 0 for index in range(c.num_hidden_layers)
    ]
    return ["chunked_attention" if is_rotary else "full_attention" for is_rotary in rotary[: c.num_hidden_layers]]


def _sparse(c: Config) -> list[bool]:
    step = c.interleave_moe_layer_step
    listed = c.get("moe_layers")
    places = set(range(step - 1, c.num_hidden_layers, step) if listed is None else listed)
    return [index in places for index in range(c.num_hidden_layers)]


def _experts(c: Config) -> Module:
    hidden_size, count, intermediate_size = c.hidden_size, c.num_local_experts, c.intermediate_size
    return module(
        experts=module(
            gate_up_proj=Weight((count, hidden_size, 2 * intermediate_size), "experts"),
            down_proj=Weight((count, intermediate_size, hidden_size), "experts"),
            active_share=(min(c.num_experts_per_tok, count), count),
        ),
        router=router(count, hidden_size),
        shared_expert=gated_mlp(hidden_size, intermediate_size),
    )
