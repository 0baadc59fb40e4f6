"""Inkling: attention with relative positions, short convolutions in four places of a layer, and experts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.inkling import (
    heads_of,
    inkling_attention,
    inkling_layer_types,
    inkling_model,
    inkling_short_conv,
)
from budsim_widgets.architectures.blocks.inkling_tower import is_certain, scales
from budsim_widgets.architectures.blocks.layers import embedding, experts, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import sparse_layers
from budsim_widgets.architectures.blocks.multi_token_prediction import (
    num_prediction_layers,
    prediction_layers,
    text_part,
)
from budsim_widgets.architectures.blocks.vision import multimodal_model, side_of
from budsim_widgets.architectures.parts import Weight, extended, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.architecture import Basis
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.extras import Extra
    from budsim_widgets.architectures.parts import Module


def _extras(c: Config, _: Module) -> tuple[Extra, ...]:
    """Layers for multi-token prediction are dense; older configs count them in a block of their own."""
    older, text = c.get("mtp_config", c), text_part(c)
    count = num_prediction_layers(c) or num_prediction_layers(older)
    if not count:
        return ()
    local = text.get("mtp_local_layer_ids", older.get("local_layer_ids", ()))
    kinds = ["hybrid_sliding" if index in local else "hybrid" for index in range(count)]
    copies = [_layer(text, kind, is_sparse=False) for kind in kinds]
    return (prediction_layers(text.hidden_size, "model.mtp.layers", count, lambda: copies),)


@family("inkling_text", "InklingForCausalLM", extras=_extras)
def inkling_text(c: Config) -> Module:
    """Of six layers, five have a window, and heads of their own; the head is never tied."""
    sparse = sparse_layers(c, dense=c.get("dense_mlp_idx", 0))
    return inkling_model(c, stack(zip(inkling_layer_types(c), sparse, strict=True), lambda *kind: _layer(c, *kind)))


def _basis(c: Config) -> Basis:
    vision = c.vision_config
    return "exact" if is_certain(*_patch(vision), vision.n_layers) else "estimate"


@family("inkling_mm_model", "InklingForConditionalGeneration", kind="multimodal", extras=_extras, basis=_basis)
def inkling(c: Config) -> Module:
    """Both towers end as wide as the text, whatever their own config says."""
    text_hidden_size = c.text_config.hidden_size
    return multimodal_model(
        c,
        tied=False,
        vision_tower=_vision(c.vision_config, text_hidden_size),
        audio_tower=_audio(c.audio_config, text_hidden_size),
    )


def _layer(c: Config, kind: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
    short, norm = inkling_short_conv(c.hidden_size, c.conv_kernel_size), rms_norm(c.hidden_size)
    return module(
        self_attn=_attention(c, kind),
        mlp=_experts(c) if is_sparse else _dense(c),
        input_layernorm=norm,
        post_attention_layernorm=norm,
        attn_sconv=short,
        mlp_sconv=short,
    )


def _attention(c: Config, kind: str) -> Module:
    _, num_key_value_heads, head_dim = heads_of(c, kind)
    norm = rms_norm(head_dim)
    return inkling_attention(
        c, kind, inkling_short_conv(num_key_value_heads * head_dim, c.conv_kernel_size), q_norm=norm, k_norm=norm
    )


def _dense(c: Config) -> Module:
    """In older configs, `intermediate_size` is that of the experts where the dense layers have one of their own."""
    dense_intermediate_size = c.get("dense_intermediate_size", c.intermediate_size)
    return extended(gated_mlp(c.hidden_size, dense_intermediate_size), {"global_scale": Weight((1,))})


def _experts(c: Config) -> Module:
    """The router scores the shared experts as well."""
    hidden_size, routed, shared = c.hidden_size, c.n_routed_experts, c.n_shared_experts
    moe_intermediate_size = c.intermediate_size if "dense_intermediate_size" in c else c.moe_intermediate_size
    return module(
        gate=module(weight=Weight((routed + shared, hidden_size)), global_scale=Weight((1,))),
        experts=experts(routed, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
        shared_experts=module(
            gate_proj=Weight((shared, moe_intermediate_size, hidden_size)),
            up_proj=Weight((shared, moe_intermediate_size, hidden_size)),
            down_proj=Weight((shared, hidden_size, moe_intermediate_size)),
        ),
    )


def _vision(c: Config, text_hidden_size: int) -> Module:
    """Linear layers that fold neighbouring pixels and pictures into ever wider vectors."""
    plan = scales(*_patch(c), c.n_layers, c.num_channels)
    hidden_sizes = [scale.channels for scale in plan[1:-1]] + [text_hidden_size]

    def layer(folded: int, out_features: int, is_last: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return module(projection=linear(folded, out_features), layer_norm=None if is_last else rms_norm(out_features))

    folded = [start.channels * end.folds(start) for start, end in pairwise(plan)]
    last = [False] * (len(hidden_sizes) - 1) + [True]
    return module(
        encoder_layers=stack(zip(folded, hidden_sizes, last, strict=True), layer), final_norm=rms_norm(text_hidden_size)
    )


def _patch(c: Config) -> tuple[int, int]:
    """Pictures and pixels of its side."""
    return side_of(c.temporal_patch_size, "temporal_patch_size"), side_of(c.patch_size, "patch_size")


def _audio(c: Config, text_hidden_size: int) -> Module:
    """One row for each value of each band."""
    bins = embedding(c.n_mel_bins * c.mel_vocab_size, text_hidden_size)
    return module(embed_audio_tokens=module(embed_audio_tokens=bins), norm=rms_norm(text_hidden_size))
