"""dots3.note: latent attention, gated head by head, with an indexer or a window, experts, and two towers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import latent_attention
from budsim_widgets.architectures.blocks.dots3_note import audio_out_dim, check_equal
from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, pre_norm_layer
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.cache import IndexCache, LatentCache
from budsim_widgets.architectures.config import Config, own_fields
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from typing import Final

    from budsim_widgets.architectures.parts import Module


@family("dots3_note", "Dots3NoteForConditionalGeneration", kind="multimodal")
def dots3_note(c: Config) -> Module:
    """Both towers end in an adapter to the text's hidden size."""
    vision, audio = c.vision_config, c.audio_config
    check_equal("vision_config.adapter_out_dim", vision.adapter_out_dim, c.text_config.hidden_size)
    check_equal("audio_config.adapter_out_dim", audio_out_dim(audio), c.text_config.hidden_size)
    return multimodal_model(c, tied=is_tied_at_top(c), vision_tower=part_of(vision), audio_tower=part_of(audio))


@family("dots3_note", "Dots3NoteForCausalLM")
def dots3_note_alone(c: Config) -> Module:
    """The language model without its towers."""
    return part_of(c.text_config)


_WINDOWED: Final = {
    "num_attention_heads": 64,
    "q_lora_rank": 1024,
    "kv_lora_rank": 1024,
    "head_dim": 256,
    "qk_nope_head_dim": 192,
    "v_head_dim": 128,
}
"""Dimensions of the layers with a window, unless the config has `swa_` fields or lists them layer by layer."""


@family("dots3_note_text", "Dots3NoteForCausalLM")
def dots3_note_text(c: Config) -> Module:
    """Of four layers, three have a window, and dimensions of their own."""
    hidden_size = c.hidden_size

    def layer(kind: str, dimensions: tuple[tuple[str, int], ...], is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        feed_forward = _experts(c) if is_sparse else gated_mlp(hidden_size, c.intermediate_size)
        return pre_norm_layer(hidden_size, _attention(Config({**c.fields, **dict(dimensions)}), kind), feed_forward)

    kinds = _kinds(c)
    dimensions = [tuple(_own_dimensions(c, index, kind).items()) for index, kind in enumerate(kinds)]
    return causal_lm(c, stack(zip(kinds, dimensions, _sparse(c), strict=True), layer), norm=rms_norm(hidden_size))


def _kinds(c: Config) -> list[str]:
    """Older configs call layers with an indexer full ones, and switch the indexer or the window off for all layers."""
    indexes = c.get("use_dsa", None if "per_layer_config" in c else True)
    windowed = c.get("use_sliding_window", True)
    full = "full_attention" if indexes is False else "indexed_attention"
    kinds = given_layer_types(c) or [
        full if not windowed or index < 2 or index % 4 == 1 else "sliding_attention"  # noqa: PLR2004 - the first two
        for index in range(c.num_hidden_layers)
    ]
    if indexes is None:
        return kinds
    return [kind if kind == "sliding_attention" else full for kind in kinds]


def _own_dimensions(c: Config, index: int, kind: str) -> dict[str, int]:
    own = own_fields(c, index)
    if own is not None:
        return own
    if kind != "sliding_attention":
        return {}
    given = {name: c.get(f"swa_{name}", default) for name, default in _WINDOWED.items()}
    rotary = c.get("swa_qk_rope_head_dim", given["head_dim"] - given["qk_nope_head_dim"])
    return {**given, "qk_rope_head_dim": rotary}


def _attention(c: Config, kind: str) -> Module:
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    window = c.get("sliding_window", c.get("sliding_window_size", 512)) if kind == "sliding_attention" else None
    latent = LatentCache(kv_lora_rank=c.kv_lora_rank, rope_head_dim=c.qk_rope_head_dim, window=window)
    whole = latent_attention(
        hidden_size,
        num_attention_heads,
        q_lora_rank=c.q_lora_rank,
        kv_lora_rank=c.kv_lora_rank,
        qk_nope_head_dim=c.qk_nope_head_dim,
        qk_rope_head_dim=c.qk_rope_head_dim,
        v_head_dim=c.v_head_dim,
        bias=c.attention_bias,
        cache=latent,
        k_rope_only_layernorm=rms_norm(c.qk_rope_head_dim),
        g_proj=linear(hidden_size, num_attention_heads),
    )
    if kind != "indexed_attention":
        return whole
    index = IndexCache(index_head_dim=c.index_head_dim, is_fp32=True)
    return module({**whole.children, "indexer": _indexer(c)}, cache=(latent, index))


def _indexer(c: Config) -> Module:
    index_n_heads, head_dim = c.index_n_heads, c.index_head_dim
    return module(
        wq_b=linear(c.q_lora_rank, index_n_heads * head_dim),
        wk=linear(c.hidden_size, head_dim),
        k_norm=layer_norm(head_dim),
        weights_proj=linear(c.hidden_size, index_n_heads),
    )


def _experts(c: Config) -> Module:
    shared = c.get("moe_shared_expert_intermediate_size", c.get("shared_experts_intermediate_size", 1536))
    return mixture_of_experts(
        c.hidden_size,
        c.n_routed_experts,
        c.num_experts_per_tok,
        c.moe_intermediate_size,
        shared_intermediate_size=shared * c.n_shared_experts,
    )


def _sparse(c: Config) -> list[bool]:
    listed = given_layer_types(c, "dense", "sparse", name="mlp_layer_types")
    if listed is not None:
        return [kind == "sparse" for kind in listed]
    dense, every = c.get("first_k_dense_replace", 1), c.get("moe_layer_freq", 1)
    return [
        index >= dense and (bool(every[index]) if isinstance(every, list) else index % every == 0)
        for index in range(c.num_hidden_layers)
    ]
