"""Idefics 1: a Llama between whose layers others read the pictures, as in Flamingo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer
from budsim_widgets.architectures.blocks.vision import head_size
from budsim_widgets.architectures.parts import Module, Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("idefics", "IdeficsForVisionText2Text", kind="multimodal")
def idefics(c: Config) -> Module:
    """Tokens that were added later have tables of their own; the layers between keep nothing."""
    size, added = c.hidden_size, c.get("additional_vocab_size", 0)
    table = embedding(c.vocab_size, size)
    layer = pre_norm_layer(size, _attention(c), gated_mlp(size, c.intermediate_size))
    return module(
        model=module(
            embed_tokens=extended(table, {"additional_embedding": embedding(added, size) if added > 0 else None}),
            vision_model=part_of(c.vision_config),
            perceiver_resampler=_resampler(c) if c.get("use_resampler", False) else None,
            layers=repeat(c.num_hidden_layers, layer),
            gated_cross_attn_layers=repeat(c.num_hidden_layers // c.cross_layer_interval, _gated_layer(c)),
            norm=rms_norm(size),
        ),
        lm_head=_head(c, added),
    )


def _head(c: Config, added: int) -> Module | None:
    if c.get("tie_word_embeddings", False):
        return None
    whole = linear(c.hidden_size, c.vocab_size, role="head")
    return extended(whole, {"additional_fc": linear(c.hidden_size, added, role="head") if added > 0 else None})


def _attention(c: Config) -> Module:
    heads = c.num_attention_heads
    return attention(c.hidden_size, heads, heads, head_size(c))


def _gated_layer(c: Config) -> Module:
    """Reads the tower's vectors, which may have another width than the text's."""
    size, seen = c.hidden_size, c.vision_config.hidden_size
    norm = rms_norm(head_size(c)) if c.get("qk_layer_norms", False) else None
    gate = Weight((1, 1, size) if c.get("alpha_type", "float") == "vector" else (1,))
    return module(
        alpha_cross_attn=gate,
        alpha_dense=gate,
        cross_attn=module(
            q_proj=linear(size, size),
            k_proj=linear(seen, size),
            v_proj=linear(seen, size),
            o_proj=linear(size, size),
            q_layer_norm=norm,
            k_layer_norm=norm,
        ),
        mlp=gated_mlp(size, c.intermediate_size),
        input_layernorm=rms_norm(size),
        post_attention_layernorm=rms_norm(size),
    )


def _resampler(c: Config) -> Module:
    """A few learned vectors read the patches."""
    size, perceiver = c.vision_config.hidden_size, c.perceiver_config
    heads, head_dim = perceiver.get("resampler_n_heads", 16), perceiver.get("resampler_head_dim", 96)
    norm = layer_norm(head_dim) if perceiver.get("qk_layer_norms_perceiver", False) else None
    reader = attention(
        size,
        heads,
        heads,
        head_dim,
        names=("q_proj", "k_proj", "v_proj", "output_proj"),
        cached=False,
        context_layer_norm=layer_norm(size),
        latents_layer_norm=layer_norm(size),
        q_layer_norm=norm,
        k_layer_norm=norm,
    )
    feed_forward = module(ln=layer_norm(size), fc=linear(size, 4 * size), c_proj=linear(4 * size, size))
    return module(
        latents=Weight((perceiver.get("resampler_n_latents", 64), size)),
        blocks=repeat(perceiver.get("resampler_depth", 6), module({"0": reader, "1": feed_forward})),
        layer_norm=layer_norm(size),
    )
