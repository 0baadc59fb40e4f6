"""Cohere's Command models: attention and feed-forward block side by side, experts, and vision (Aya Vision too)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, self_attention, sparse_layers, window_of
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("cohere", "CohereForCausalLM")
def cohere(c: Config) -> Module:
    """Queries and keys may be normed, each head with weights of its own."""
    norms = {
        name: module(weight=Weight((num_attention_heads, c.head_dim), "norm")) if c.get("use_qk_norm") else None
        for name, num_attention_heads in (("q_norm", c.num_attention_heads), ("k_norm", c.num_key_value_heads))
    }
    self_attn = self_attention(c, bias=c.attention_bias, more=norms)
    layer = _parallel_layer(c, self_attn, gated_mlp(c.hidden_size, c.intermediate_size))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("cohere2", "Cohere2ForCausalLM")
def cohere2(c: Config) -> Module:
    """Every fourth layer is full."""

    def layer(kind: str) -> Module:
        return _parallel_layer(c, _windowed_attention(c, kind), gated_mlp(c.hidden_size, c.intermediate_size))

    kinds = layer_types(c, full_every=c.get("sliding_window_pattern", 4))
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(c.hidden_size))


@family("cohere2_moe", "Cohere2MoeForCausalLM")
def cohere2_moe(c: Config) -> Module:
    """The first layers may be dense, with an intermediate size and a pattern of windows of their own."""
    dense_intermediate_size = c.get("prefix_dense_intermediate_size", c.intermediate_size)

    def layer(kind: str, sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        feed_forward = _experts(c) if sparse else gated_mlp(c.hidden_size, dense_intermediate_size)
        return _parallel_layer(c, _windowed_attention(c, kind), feed_forward)

    sparse = sparse_layers(c, dense=c.get("first_k_dense_replace", 0))
    return causal_lm(c, stack(zip(_moe_kinds(c), sparse, strict=True), layer), norm=rms_norm(c.hidden_size))


def _parallel_layer(c: Config, self_attn: Module, feed_forward: Module) -> Module:
    return module(self_attn=self_attn, mlp=feed_forward, input_layernorm=rms_norm(c.hidden_size))


def _windowed_attention(c: Config, kind: str) -> Module:
    return self_attention(c, bias=c.attention_bias, window=window_of(c, kind))


def _experts(c: Config) -> Module:
    intermediate_size, shared = c.intermediate_size, c.num_shared_experts
    return mixture_of_experts(
        c.hidden_size,
        c.num_experts,
        c.num_experts_per_tok,
        intermediate_size,
        shared_intermediate_size=intermediate_size * shared if shared > 0 else None,
    )


def _moe_kinds(c: Config) -> list[str]:
    """Without a list, the pattern of the dense layers, and then that of the others from its start."""
    if "layer_types" in c:
        return layer_types(c)
    dense, layers = c.get("first_k_dense_replace", 0), c.num_hidden_layers
    if dense > layers:
        raise inconsistent("first_k_dense_replace", f"{dense} dense layers are more than all {layers} layers.")
    parts = ((dense, c.get("prefix_dense_sliding_window_pattern", 1)), (layers - dense, c.sliding_window_pattern))
    return [
        "sliding_attention" if (index + 1) % every else "full_attention"
        for count, every in parts
        for index in range(count)
    ]


@family("aya_vision", "AyaVisionForConditionalGeneration", kind="multimodal")
def aya_vision(c: Config) -> Module:
    """Command A Vision's projector behind a norm; as wide as the text, unless told otherwise."""
    norm = layer_norm(c.vision_config.hidden_size * c.downsample_factor**2)
    return _with_gated_projector(c, c.get("alignment_intermediate_size", c.text_config.hidden_size), layernorm=norm)


@family("cohere2_vision", "Cohere2VisionForConditionalGeneration", kind="multimodal")
def cohere2_vision(c: Config) -> Module:
    """Neighbouring patches side by side, then a gated block whose two ways up are one matrix."""
    return _with_gated_projector(c, c.alignment_intermediate_size)


def _with_gated_projector(c: Config, alignment_intermediate_size: int, **more: Part) -> Module:
    joined = c.vision_config.hidden_size * c.downsample_factor**2
    projector = module(
        more,
        linear_1=linear(joined, alignment_intermediate_size, bias=True),
        linear_2=linear(alignment_intermediate_size // 2, c.text_config.hidden_size, bias=True),
    )
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )
