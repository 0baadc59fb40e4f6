"""HyperCLOVA X: Llama with norms behind the blocks, and with Qwen's tower before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import Module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("hyperclovax", "HyperCLOVAXForCausalLM")
def hyperclovax(c: Config) -> Module:
    """The norms behind the blocks may be left out; the heads divide `hidden_size`, even where `head_dim` is given."""
    hidden_size = c.hidden_size
    hidden_size_per_head(c)
    norm = rms_norm(hidden_size) if c.use_post_norm else None
    layer = pre_norm_layer(
        hidden_size,
        self_attention(c, bias=c.attention_bias),
        gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
        post_norm1=norm,
        post_norm2=norm,
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size))


@family("hyperclovax_vision_v2", "HyperCLOVAXVisionV2ForConditionalGeneration", kind="multimodal")
def hyperclovax_vision(c: Config) -> Module:
    """One linear layer between the tower and the text."""
    vision, text = c.vision_config, c.text_config
    projector = linear(vision.out_hidden_size, text.hidden_size, bias=True)
    return multimodal_model(c, tied=is_tied_at_top(c), vision_model=part_of(vision), projector=projector)
