"""EXAONE with experts, and EXAONE that sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    layer_types,
    pre_norm_layer,
    self_attention,
    sparse_layers,
    window_of,
)
from budsim_widgets.architectures.blocks.multi_token_prediction import layers_at
from budsim_widgets.architectures.blocks.qwen_vision import sequential_merger, vision_patches
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


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
    extras=layers_at("mtp.layers", is_confirmed=True),
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
    block = module(
        norm1=rms_norm(hidden_size),
        norm2=rms_norm(hidden_size),
        attn=attn,
        mlp=gated_mlp(hidden_size, c.intermediate_size, bias=True),
    )
    return module(
        patch_embed=vision_patches(c, hidden_size, bias=False),
        blocks=repeat(c.depth, block),
        merger=sequential_merger(c, rms_norm(hidden_size), c.out_hidden_size),
    )
