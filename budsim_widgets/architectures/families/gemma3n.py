"""Gemma 3n: several streams of hidden states (AltUp), embeddings for each layer, keys shared by the last layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.gemma import sharing_layers, without_keys
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    head,
    layer_types,
    pre_norm_layer,
    self_attention,
    window_of,
)
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, extended, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gemma3n_text", "Gemma3nForCausalLM")
def gemma3n_text(c: Config) -> Module:
    """Every fifth layer is full; each layer may have an `intermediate_size` of its own."""
    hidden_size, per_layer, streams = c.hidden_size, c.hidden_size_per_layer_input, c.altup_num_inputs
    kinds = layer_types(c, full_every=5)
    shares = sharing_layers(c, kinds, may_share_all=False)
    return causal_lm(
        c,
        stack(zip(kinds, _intermediate_sizes(c), shares, strict=True), lambda *kind: _layer(c, *kind)),
        norm=rms_norm(hidden_size),
        embed_tokens_per_layer=embedding(c.vocab_size_per_layer_input, c.num_hidden_layers * per_layer),
        per_layer_model_projection=linear(hidden_size, c.num_hidden_layers * per_layer),
        per_layer_projection_norm=rms_norm(per_layer),
        altup_projections=repeat(streams - 1, linear(hidden_size, hidden_size)),
        altup_unembed_projections=repeat(streams - 1, linear(hidden_size, hidden_size)),
    )


@family("gemma3n", "Gemma3nForConditionalGeneration", kind="multimodal")
def gemma3n(c: Config) -> Module:
    """With towers: MobileNet V5 for pictures, a Conformer for sound."""
    text = c.text_config
    return module(
        model=module(
            vision_tower=part_of(c.vision_config),
            language_model=part_of(text, "model"),
            audio_tower=part_of(c.audio_config),
            embed_vision=_embedder(c.vision_config, text.hidden_size),
            embed_audio=_embedder(c.audio_config, text.hidden_size),
        ),
        lm_head=head(text, tied=c.get("tie_word_embeddings", False)),
    )


def _layer(c: Config, kind: str, intermediate_size: int, shares: bool) -> Module:  # noqa: FBT001 - one value a layer
    hidden_size, norm = c.hidden_size, rms_norm(c.hidden_size)
    self_attn = self_attention(c, bias=c.attention_bias, window=window_of(c, kind), qk_norm=rms_norm(c.head_dim))
    return extended(
        pre_norm_layer(
            hidden_size, without_keys(self_attn) if shares else self_attn, gated_mlp(hidden_size, intermediate_size)
        ),
        {
            "pre_feedforward_layernorm": norm,
            "post_feedforward_layernorm": norm,
            "altup": _altup(c),
            "laurel": module(
                linear_left=linear(hidden_size, c.laurel_rank),
                linear_right=linear(c.laurel_rank, hidden_size),
                post_laurel_norm=norm,
            ),
            "per_layer_input_gate": linear(hidden_size, c.hidden_size_per_layer_input),
            "per_layer_projection": linear(c.hidden_size_per_layer_input, hidden_size),
            "post_per_layer_input_norm": norm,
        },
    )


def _altup(c: Config) -> Module:
    """What predicts the streams of a layer from those before it, and corrects them."""
    hidden_size, streams = c.hidden_size, c.altup_num_inputs
    return module(
        correct_output_scale=Weight((hidden_size,)),
        correction_coefs=linear(streams, streams),
        prediction_coefs=linear(streams, streams**2),
        modality_router=linear(hidden_size, streams),
        router_norm=rms_norm(hidden_size),
    )


def _embedder(c: Config, text_hidden_size: int) -> Module:
    """A tower's own tokens, and the projection to the text's hidden size."""
    return module(
        embedding=embedding(c.vocab_size, c.hidden_size),
        hard_embedding_norm=rms_norm(c.hidden_size),
        soft_embedding_norm=rms_norm(c.hidden_size),
        embedding_projection=linear(c.hidden_size, text_hidden_size),
    )


def _intermediate_sizes(c: Config) -> list[int]:
    given, layers = c.intermediate_size, c.num_hidden_layers
    listed = given if isinstance(given, list) else [given] * layers
    sparsity = c.get("activation_sparsity_pattern")
    for name, values in (("intermediate_size", listed), ("activation_sparsity_pattern", sparsity)):
        if isinstance(values, list) and len(values) != layers:
            raise inconsistent(name, f"`{name}` lists {len(values)} layers, but there are {layers}.")
    return list(listed)
