"""Gemma 4: windows between full layers with wider heads, keys shared by the last layers, dense or with experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, experts, gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import head, layer_types, pre_norm_layer, window_of
from budsim_widgets.architectures.families.gemma3n import first_sharing_layer, without_keys
from budsim_widgets.architectures.parts import Module, Weight, extended, module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("gemma4_text", "Gemma4ForCausalLM")
@family("gemma4_unified_text", "Gemma4UnifiedForCausalLM")
def gemma4_text(c: Config) -> Module:
    """Every sixth layer is full, and the last one always; a layer may have an embedding of its own."""
    kinds = kinds_of_layers(c)
    return module(model=gemma4_model(c, kinds, first_sharing_layer(c, kinds)), lm_head=head(c))


def kinds_of_layers(c: Config) -> list[str]:
    """The kind of every layer; the last one is full whatever the config lists."""
    return [*layer_types(c, full_every=6)[:-1], "full_attention"]


def gemma4_model(c: Config, kinds: list[str], first_sharing: int) -> Module:
    """The language model without its head, whose layers from `first_sharing` on read the keys of earlier ones."""
    hidden_size, own = c.hidden_size, c.get("hidden_size_per_layer_input", 0)

    def layer(kind: str, head_dim: int, num_key_value_heads: int, shares: bool) -> Module:  # noqa: FBT001 - one value a layer
        self_attn = _attention(c, kind, head_dim, num_key_value_heads)
        intermediate_size = c.intermediate_size * (2 if shares and c.get("use_double_wide_mlp", False) else 1)
        return _layer(c, without_keys(self_attn) if shares else self_attn, gated_mlp(hidden_size, intermediate_size))

    dims = ((kind, *_heads(c, index, kind), index >= first_sharing) for index, kind in enumerate(kinds))
    of_layers = c.num_hidden_layers * own
    return module(
        embed_tokens=embedding(c.vocab_size, hidden_size),
        layers=stack(dims, layer),
        norm=rms_norm(hidden_size),
        embed_tokens_per_layer=embedding(c.vocab_size_per_layer_input, of_layers) if own else None,
        per_layer_model_projection=linear(hidden_size, of_layers) if own else None,
        per_layer_projection_norm=rms_norm(own) if own else None,
    )


@family("gemma4", "Gemma4ForConditionalGeneration", kind="multimodal")
def gemma4(c: Config) -> Module:
    """Gemma 4 with the towers that its config has."""
    text, vision, audio = c.text_config, c.get("vision_config"), c.get("audio_config")
    return module(
        model=module(
            vision_tower=part_of(vision) if vision else None,
            language_model=part_of(text, "model"),
            audio_tower=part_of(audio) if audio else None,
            embed_vision=embedder(vision.hidden_size, text) if vision else None,
            embed_audio=embedder(audio.output_proj_dims, text) if audio else None,
        ),
        lm_head=head(text, tied=c.tie_word_embeddings),
    )


@family("gemma4_unified", "Gemma4UnifiedForConditionalGeneration", kind="multimodal")
def gemma4_unified(c: Config) -> Module:
    """Gemma 4 without towers: patches and sound go into the language model as they are."""
    text, vision, audio = c.text_config, c.get("vision_config"), c.get("audio_config")
    return module(
        model=module(
            language_model=part_of(text, "model"),
            embed_vision=_patch_embedder(vision, text) if vision else None,
            embed_audio=embedder(audio.audio_embed_dim, text) if audio else None,
        ),
        lm_head=head(text, tied=c.tie_word_embeddings),
    )


def _layer(c: Config, self_attn: Module, feed_forward: Module) -> Module:
    """Experts, where there are any, stand beside the dense block."""
    hidden_size, own, norm = c.hidden_size, c.get("hidden_size_per_layer_input", 0), rms_norm(c.hidden_size)
    sparse = c.get("enable_moe_block", False)
    return pre_norm_layer(
        hidden_size,
        self_attn,
        feed_forward,
        pre_feedforward_layernorm=norm,
        post_feedforward_layernorm=norm,
        per_layer_input_gate=linear(hidden_size, own) if own else None,
        per_layer_projection=linear(own, hidden_size) if own else None,
        post_per_layer_input_norm=norm if own else None,
        router=_router(c) if sparse else None,
        experts=experts(c.num_experts, c.get("top_k_experts", c.num_experts), hidden_size, c.moe_intermediate_size)
        if sparse
        else None,
        post_feedforward_layernorm_1=norm if sparse else None,
        post_feedforward_layernorm_2=norm if sparse else None,
        pre_feedforward_layernorm_2=norm if sparse else None,
    )


def _router(c: Config) -> Module:
    count, hidden_size = c.num_experts, c.hidden_size
    return module(
        proj=linear(hidden_size, count, role="other"), scale=Weight((hidden_size,)), per_expert_scale=Weight((count,))
    )


def _attention(c: Config, kind: str, head_dim: int, num_key_value_heads: int) -> Module:
    """With `attention_k_eq_v`, full layers have no values of their own, but keep what they compute from the keys."""
    window = window_of(c, kind)
    if window is not None and c.get("use_bidirectional_attention") == "all":
        window = window // 2 + 1  # half of the window lies behind a token
    norm = rms_norm(head_dim)
    whole = attention(
        c.hidden_size,
        c.num_attention_heads,
        num_key_value_heads,
        head_dim,
        bias=c.attention_bias,
        window=window,
        q_norm=norm,
        k_norm=norm,
    )
    return extended(whole, {"v_proj": None}) if c.attention_k_eq_v and kind == "full_attention" else whole


def _heads(c: Config, index: int, kind: str) -> tuple[int, int]:
    """(`head_dim`, `num_key_value_heads`) of a layer; full layers have their own."""
    head_dim, num_key_value_heads = c.head_dim, c.num_key_value_heads
    listed = c.fields.get("per_layer_config")
    if isinstance(listed, dict):
        # Its keys are numbers of layers, filled up with zeros in front.
        own: dict[str, int] = next(
            (fields for key, fields in listed.items() if str(key).lstrip("0") == str(index or "")), {}
        )
        return own.get("head_dim", head_dim), own.get("num_key_value_heads", num_key_value_heads)
    if kind != "full_attention":
        return head_dim, num_key_value_heads
    of_full = c.get("num_global_key_value_heads", num_key_value_heads) if c.attention_k_eq_v else num_key_value_heads
    return c.get("global_head_dim", 512), of_full


def embedder(tower_hidden_size: int, text: Config) -> Module:
    """The projection from a tower's hidden size to the text's."""
    return module(embedding_projection=linear(tower_hidden_size, text.hidden_size))


def _patch_embedder(c: Config, text: Config) -> Module:
    patch_dim = 3 * (c.patch_size * c.pooling_kernel_size) ** 2
    return module(
        patch_ln1=layer_norm(patch_dim),
        patch_dense=linear(patch_dim, c.mm_embed_dim, bias=True),
        patch_ln2=layer_norm(c.mm_embed_dim),
        pos_embedding=Weight((c.mm_posemb_size, 2, c.mm_embed_dim), "embedding"),
        pos_norm=layer_norm(c.mm_embed_dim),
        multimodal_embedder=embedder(c.output_proj_dims, text),
    )
