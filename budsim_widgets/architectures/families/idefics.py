"""Idefics 2 and 3 and SmolVLM: SigLIP's tower with few tokens per picture for the language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.families.siglip import siglip_without_head
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("idefics2_vision", "Idefics2VisionTransformer")
@family("idefics3_vision", "Idefics3VisionTransformer")
@family("smolvlm_vision", "SmolVLMVisionTransformer")
def idefics_vision(c: Config) -> Module:
    """SigLIP's without the pooling head."""
    return siglip_without_head(c)


@family("idefics2", "Idefics2ForConditionalGeneration", kind="multimodal")
def idefics2(c: Config) -> Module:
    """A few learned vectors read the patches, layer by layer."""
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
