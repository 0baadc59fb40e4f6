"""Inkling 2: gated attention with sinks, experts, and a choice of earlier blocks before every block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.inkling import (
    heads_of,
    inkling_attention,
    inkling_layer_types,
    inkling_model,
    inkling_short_conv,
)
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mixture_of_experts, mlp, rms_norm
from budsim_widgets.architectures.blocks.vision import VIT_PROJECTIONS, hidden_size_per_head, multimodal_model, side_of
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from typing import Final

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("inkling2_text", "Inkling2ForCausalLM")
def inkling2_text(c: Config) -> Module:
    """Layers without a window pick the inputs of queries, keys and values apart; the first layer has no choice."""
    hidden_size = c.hidden_size
    short, choice, norm = (
        inkling_short_conv(hidden_size, c.conv_kernel_size),
        module(query=Weight((hidden_size,))),
        rms_norm(hidden_size),
    )

    def layer(kind: str, is_first: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        is_sliding = kind == "hybrid_sliding"
        chosen = choice if is_sliding else module(query=Weight((3, hidden_size)))
        inputs = ("",) if is_sliding else ("q_", "k_", "v_")
        return module(
            {f"{name}input_layernorm": norm for name in inputs},
            attention_input=None if is_first else chosen,
            mlp_input=choice,
            self_attn=_attention(c, kind),
            mlp=mixture_of_experts(hidden_size, c.n_routed_experts, c.num_experts_per_tok, c.moe_intermediate_size),
            post_attention_layernorm=norm,
            post_attention_convolution=short,
            post_mlp_convolution=short,
        )

    places = ((kind, index == 0) for index, kind in enumerate(inkling_layer_types(c)))
    return inkling_model(c, stack(places, layer), final_input=choice)


_MXFP8_NOTE: Final = (
    "The routed experts of the published checkpoint are in MXFP8, which its config.json doesn't say; transformers "
    "reads them so unless the config has a `quantization_config` or was saved by transformers."
)


def _notes(c: Config) -> tuple[str, ...]:
    return () if "quantization_config" in c.fields or "transformers_version" in c.fields else (_MXFP8_NOTE,)


@family("inkling2", "Inkling2ForConditionalGeneration", kind="multimodal", notes=_notes)
def inkling2(c: Config) -> Module:
    """The tower itself takes its vectors to the text's hidden size."""
    tower, text = c.vision_config.text_hidden_size, c.text_config.hidden_size
    if tower != text:
        message = f"The tower ends with a `text_hidden_size` of {tower}, but the text has a `hidden_size` of {text}."
        raise inconsistent("text_hidden_size", message)
    return multimodal_model(c, tied=False, vision_tower=part_of(c.vision_config))


@family("inkling2_vision", "Inkling2VisionModel")
def inkling2_vision(c: Config) -> Module:
    """Both blocks of a layer are scaled; each picture starts with a vector of its own."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    layer = module(
        self_attn=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size_per_head(c),
            bias=True,
            names=VIT_PROJECTIONS,
            cached=False,
        ),
        mlp=mlp(hidden_size, c.get("intermediate_size", int(hidden_size * c.mlp_ratio)), names=("fc1", "fc2")),
        layernorm_before=layer_norm(hidden_size),
        layernorm_after=layer_norm(hidden_size),
        lambda_1=Weight((hidden_size,)),
        lambda_2=Weight((hidden_size,)),
    )
    return module(
        embeddings=module(
            class_embedding=Weight((hidden_size,)),
            cls_position_embedding=Weight((hidden_size,)),
            patch_embedding=linear(c.num_channels * side_of(c.patch_size, "patch_size") ** 2, hidden_size),
            position_embedding=embedding(c.posemb_grid_size**2, hidden_size),
        ),
        pre_layernorm=layer_norm(hidden_size),
        layers=repeat(c.num_hidden_layers, layer),
        merger=module(
            linear_1=linear(c.spatial_merge_size**2 * hidden_size, c.projection_hidden_dim, bias=c.projector_bias),
            linear_2=linear(c.projection_hidden_dim, c.text_hidden_size, bias=c.projector_bias),
        ),
    )


def _attention(c: Config, kind: str) -> Module:
    num_attention_heads, num_key_value_heads, head_dim = heads_of(c, kind)
    hidden_size, kernel = c.hidden_size, c.conv_kernel_size
    static, dynamic = (
        inkling_short_conv(num_key_value_heads * head_dim, kernel),
        _dynamic_conv(hidden_size, num_key_value_heads, head_dim, kernel),
    )
    return inkling_attention(
        c,
        kind,
        static if kind == "hybrid_sliding" else dynamic,
        gate_proj=linear(hidden_size, num_attention_heads * head_dim),
        sink_proj=linear(hidden_size, num_attention_heads),
        q_l2_clip=module(scale=Weight((num_attention_heads, head_dim))),
        rel_l2_clip=module(scale=Weight((num_attention_heads, c.d_rel))),
    )


def _dynamic_conv(hidden_size: int, num_key_value_heads: int, head_dim: int, kernel: int) -> Module:
    """A convolution along the last tokens whose weights are in part each token's own."""
    channels = num_key_value_heads * head_dim
    return module(
        static_weight=Weight((kernel, channels)),
        weight_proj=linear(hidden_size, num_key_value_heads * kernel),
        cache=StateCache(recurrent_elements=channels * kernel),
    )
