"""MiniMax M3: experts, blocks of keys picked by an indexer, and a tower of patches over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import (
    conv,
    fused_gated_mlp,
    layer_norm,
    linear,
    mixture_of_experts,
    rms_norm,
)
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.vision import is_tied_at_either, multimodal_model, side_of, vit_layer
from budsim_widgets.architectures.cache import IndexCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import extended, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("minimax_m3_vl_text", "MiniMaxM3VLForCausalLM")
def minimax_m3_text(c: Config) -> Module:
    """Sparse layers and layers with experts are listed one by one, the published model's in older fields."""
    hidden_size = c.hidden_size

    def layer(kind: str, mlp_type: str) -> Module:
        self_attn = self_attention(c, qk_norm=rms_norm(c.head_dim))
        if kind == "minimax_m3_sparse":
            self_attn = _indexed(c, self_attn)
        dense = fused_gated_mlp(hidden_size, c.dense_intermediate_size)
        return pre_norm_layer(hidden_size, self_attn, _experts(c) if mlp_type == "sparse" else dense)

    return causal_lm(c, stack(zip(_kinds(c), _mlp_types(c), strict=True), layer), norm=rms_norm(hidden_size))


@family("minimax_m3_vl", "MiniMaxM3SparseForConditionalGeneration", kind="multimodal")
def minimax_m3(c: Config) -> Module:
    """Each patch is projected, then neighbouring ones are merged; either level of the config ties the head."""
    vision, text_hidden_size, projector_hidden_size = (
        c.vision_config,
        c.text_config.hidden_size,
        c.projector_hidden_size,
    )
    projector = module(
        linear_1=linear(vision.hidden_size, projector_hidden_size, bias=True),
        linear_2=linear(projector_hidden_size, text_hidden_size, bias=True),
        merge_linear_1=linear(text_hidden_size * vision.spatial_merge_size**2, projector_hidden_size, bias=True),
        merge_linear_2=linear(projector_hidden_size, text_hidden_size, bias=True),
    )
    return multimodal_model(c, tied=is_tied_at_either(c), vision_tower=part_of(vision), multi_modal_projector=projector)


@family("minimax_m3_vl_vision", "MiniMaxM3VLVisionModel")
def minimax_m3_vision(c: Config) -> Module:
    """CLIP's layers on patches over time."""
    hidden_size, side = c.hidden_size, side_of(c.patch_size, "patch_size")
    return module(
        embeddings=module(proj=conv(hidden_size, c.num_channels, c.temporal_patch_size, side, side, bias=False)),
        pre_layrnorm=layer_norm(hidden_size),
        layers=repeat(c.num_hidden_layers, vit_layer(c)),
    )


def _kinds(c: Config) -> list[str]:
    older = c.get("sparse_attention_config")
    listed = None if older is None else _flags(c, older, "sparse_attention_freq")
    default = ["minimax_m3_sparse" if flag else "full_attention" for flag in listed or [0] * c.num_hidden_layers]
    return given_layer_types(c) or default


def _mlp_types(c: Config) -> list[str]:
    listed = _flags(c, c, "moe_layer_freq") or [1] * c.num_hidden_layers
    default = ["sparse" if flag else "dense" for flag in listed]
    return given_layer_types(c, name="mlp_layer_types") or default


def _flags(c: Config, holder: Config, name: str) -> list[int] | None:
    """One flag a layer, as older configs list them."""
    given = holder.get(name)
    if given is not None and len(given) < c.num_hidden_layers:
        raise inconsistent(name, f"`{name}` lists {len(given)} layers, but there are {c.num_hidden_layers}.")
    return None if given is None else given[: c.num_hidden_layers]


def _indexed(c: Config, self_attn: Module) -> Module:
    """Attention with an indexer, whose keys are kept as well."""
    older = c.get("sparse_attention_config", c)
    sparse_num_index_heads = older.get("sparse_num_index_heads", c.index_n_heads)
    head_dim = older.get("sparse_index_dim", c.index_head_dim)
    own = module(
        q_proj=linear(c.hidden_size, sparse_num_index_heads * head_dim),
        k_proj=linear(c.hidden_size, head_dim),
        q_norm=rms_norm(head_dim),
        k_norm=rms_norm(head_dim),
    )
    return module({**self_attn.children, "indexer": own}, cache=(*self_attn.cache, IndexCache(index_head_dim=head_dim)))


def _experts(c: Config) -> Module:
    routed = mixture_of_experts(c.hidden_size, c.num_local_experts, c.num_experts_per_tok, c.intermediate_size)
    return extended(routed, {"shared_experts": fused_gated_mlp(c.hidden_size, c.shared_intermediate_size)})
