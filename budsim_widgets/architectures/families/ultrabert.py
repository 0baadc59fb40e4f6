"""UltraBERT, and UltraVBERT with a vision tower: Llama without a causal mask, and a head of two narrow layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import head, pre_norm_layer
from budsim_widgets.architectures.parts import Module, Part, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


def _transform(c: Config, **more: Part | None) -> Module:
    hidden_size, prediction_head_size = c.hidden_size, c.prediction_head_size
    return module(
        {
            "linear1": linear(hidden_size, prediction_head_size),
            "linear2": linear(prediction_head_size, hidden_size),
            **more,
        }
    )


@family("ultrabert", "UltrabertForMaskedLM")
def ultrabert(c: Config) -> Module:
    """Windows in two of three layers; it keeps nothing."""
    hidden_size = c.hidden_size
    self_attn = attention(
        hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, bias=c.attention_bias, cached=False
    )
    layer = pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias))
    return module(
        model=module(
            embed_tokens=embedding(c.vocab_size, hidden_size),
            layers=repeat(c.num_hidden_layers, layer),
            norm=rms_norm(hidden_size),
        ),
        head=_transform(c, decoder=head(c)),
    )


@family("ultravbert", "UltraVBertForMaskedLM")
def ultravbert(c: Config) -> Module:
    """SigLIP's patches, shuffled together into fewer, stand before the text."""
    text, vision = c.text_config, c.vision_config
    patches = vision.hidden_size * c.pixel_shuffle_factor**2
    return module(
        model=module(
            vision_model=part_of(vision),
            connector=module(modality_projection=linear(patches, text.hidden_size), norm=rms_norm(text.hidden_size)),
            text_model=part_of(text, "model"),
        ),
        projection_head=_transform(text),
        lm_head=head(text, tied=c.tie_word_embeddings),
    )
