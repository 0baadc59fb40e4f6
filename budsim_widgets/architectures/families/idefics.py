"""Idefics 1, whose extra layers attend to the picture, and 2, 3 and SmolVLM, to which a picture is tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.clip import clip_tower
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer
from budsim_widgets.architectures.blocks.siglip import siglip_without_head
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("idefics", "IdeficsForVisionText2Text", kind="multimodal")
def idefics(c: Config) -> Module:
    """Tokens that were added later have tables of their own; the layers between keep nothing."""
    hidden_size, added = c.hidden_size, c.get("additional_vocab_size", 0)
    table = embedding(c.vocab_size, hidden_size)
    layer = pre_norm_layer(hidden_size, _attention(c), gated_mlp(hidden_size, c.intermediate_size))
    return module(
        model=module(
            embed_tokens=extended(
                table, {"additional_embedding": embedding(added, hidden_size) if added > 0 else None}
            ),
            vision_model=part_of(c.vision_config),
            perceiver_resampler=_flamingo_resampler(c) if c.get("use_resampler", False) else None,
            layers=repeat(c.num_hidden_layers, layer),
            gated_cross_attn_layers=repeat(c.num_hidden_layers // c.cross_layer_interval, _gated_layer(c)),
            norm=rms_norm(hidden_size),
        ),
        lm_head=_head(c, added),
    )


def _head(c: Config, added: int) -> Module | None:
    if c.get("tie_word_embeddings", False):
        return None
    whole = linear(c.hidden_size, c.vocab_size, role="head")
    return extended(whole, {"additional_fc": linear(c.hidden_size, added, role="head") if added > 0 else None})


def _attention(c: Config) -> Module:
    num_attention_heads = c.num_attention_heads
    return attention(c.hidden_size, num_attention_heads, num_attention_heads, hidden_size_per_head(c))


def _gated_layer(c: Config) -> Module:
    """Gated attention to the tower's vectors, whose hidden size may differ from the text's."""
    hidden_size, vision_hidden_size = c.hidden_size, c.vision_config.hidden_size
    norm = rms_norm(hidden_size_per_head(c)) if c.get("qk_layer_norms", False) else None
    gate = Weight((1, 1, hidden_size) if c.get("alpha_type", "float") == "vector" else (1,))
    return module(
        alpha_cross_attn=gate,
        alpha_dense=gate,
        cross_attn=module(
            q_proj=linear(hidden_size, hidden_size),
            k_proj=linear(vision_hidden_size, hidden_size),
            v_proj=linear(vision_hidden_size, hidden_size),
            o_proj=linear(hidden_size, hidden_size),
            q_layer_norm=norm,
            k_layer_norm=norm,
        ),
        mlp=gated_mlp(hidden_size, c.intermediate_size),
        input_layernorm=rms_norm(hidden_size),
        post_attention_layernorm=rms_norm(hidden_size),
    )


def _flamingo_resampler(c: Config) -> Module:
    """Learned queries attend to the patches."""
    vision_hidden_size, perceiver = c.vision_config.hidden_size, c.perceiver_config
    resampler_n_heads, head_dim = perceiver.get("resampler_n_heads", 16), perceiver.get("resampler_head_dim", 96)
    norm = layer_norm(head_dim) if perceiver.get("qk_layer_norms_perceiver", False) else None
    resampler_attention = attention(
        vision_hidden_size,
        resampler_n_heads,
        resampler_n_heads,
        head_dim,
        names=("q_proj", "k_proj", "v_proj", "output_proj"),
        cached=False,
        context_layer_norm=layer_norm(vision_hidden_size),
        latents_layer_norm=layer_norm(vision_hidden_size),
        q_layer_norm=norm,
        k_layer_norm=norm,
    )
    feed_forward = module(
        ln=layer_norm(vision_hidden_size),
        fc=linear(vision_hidden_size, 4 * vision_hidden_size),
        c_proj=linear(4 * vision_hidden_size, vision_hidden_size),
    )
    return module(
        latents=Weight((perceiver.get("resampler_n_latents", 64), vision_hidden_size)),
        blocks=repeat(perceiver.get("resampler_depth", 6), module({"0": resampler_attention, "1": feed_forward})),
        layer_norm=layer_norm(vision_hidden_size),
    )


@family("idefics_vision", "IdeficsVisionTransformer")
def idefics1_vision(c: Config) -> Module:
    """CLIP's."""
    return clip_tower(c)


@family("idefics2_vision", "Idefics2VisionTransformer")
@family("idefics3_vision", "Idefics3VisionTransformer")
@family("smolvlm_vision", "SmolVLMVisionTransformer")
def idefics_vision(c: Config) -> Module:
    """SigLIP's without the pooling head."""
    return siglip_without_head(c)


@family("idefics2", "Idefics2ForConditionalGeneration", kind="multimodal")
def idefics2(c: Config) -> Module:
    """Learned queries attend to the patches, layer by layer."""
    text, vision_hidden_size = c.text_config, c.vision_config.hidden_size
    projection = module(
        gate_proj=linear(vision_hidden_size, text.intermediate_size),
        up_proj=linear(vision_hidden_size, text.intermediate_size),
        down_proj=linear(text.intermediate_size, text.hidden_size),
    )
    connector = module(
        modality_projection=projection, perceiver_resampler=_resampler(c.perceiver_config, text.hidden_size)
    )
    return _idefics(c, connector)


@family("idefics3", "Idefics3ForConditionalGeneration", kind="multimodal")
@family("smolvlm", "SmolVLMForConditionalGeneration", kind="multimodal")
def idefics3(c: Config) -> Module:
    """Neighbouring patches side by side, then one linear layer."""
    joined = c.vision_config.hidden_size * c.scale_factor**2
    return _idefics(c, module(modality_projection=module(proj=linear(joined, c.text_config.hidden_size))))


def _idefics(c: Config, connector: Module) -> Module:
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        text_name="text_model",
        vision_model=part_of(c.vision_config),
        connector=connector,
    )


def _resampler(c: Config, hidden_size: int) -> Module:
    """As wide as the text, whatever its own `hidden_size` says."""
    norm = rms_norm(hidden_size)
    layer = module(
        input_latents_norm=norm,
        input_context_norm=norm,
        self_attn=attention(
            hidden_size, c.resampler_n_heads, c.num_key_value_heads, c.resampler_head_dim, cached=False
        ),
        post_attention_layernorm=norm,
        mlp=gated_mlp(hidden_size, 4 * hidden_size),
    )
    return module(
        latents=Weight((c.resampler_n_latents, hidden_size)), layers=repeat(c.resampler_depth, layer), norm=norm
    )
