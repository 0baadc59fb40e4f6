"""Qwen 3.5: linear attention in three of four layers, dense or with experts, and a vision tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, head
from budsim_widgets.architectures.blocks.qwen_hybrid import hybrid_extras, qwen_hybrid_layer, qwen_hybrid_layer_types
from budsim_widgets.architectures.blocks.qwen_vision import qwen3_vision_tower
from budsim_widgets.architectures.blocks.vision import unbuilt_towers
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.extras import Extra
    from budsim_widgets.architectures.parts import Module


def _text_extras(c: Config, root: Module) -> tuple[Extra, ...]:
    return (*hybrid_extras(c, root), *unbuilt_towers(qwen3_5(c)))


@family("qwen3_5_text", "Qwen3_5ForCausalLM", extras=hybrid_extras)
@family("qwen3_5_moe_text", "Qwen3_5MoeForCausalLM", extras=hybrid_extras)
def qwen3_5_text(c: Config) -> Module:
    """Dense in all layers, or experts in all."""
    sparse = c.model_type == "qwen3_5_moe_text"
    return causal_lm(
        c,
        stack(qwen_hybrid_layer_types(c), lambda kind: qwen_hybrid_layer(c, kind, sparse=sparse)),
        norm=rms_norm(c.hidden_size),
    )


@family("qwen3_5", "Qwen3_5ForCausalLM", extras=_text_extras)
@family("qwen3_5_moe", "Qwen3_5MoeForCausalLM", extras=_text_extras)
def qwen3_5_without_vision(c: Config) -> Module:
    """The language model alone, from the config of the whole."""
    return part_of(c.text_config)


@family("qwen3_5", "Qwen3_5ForConditionalGeneration", kind="multimodal", extras=hybrid_extras)
@family("qwen3_5_moe", "Qwen3_5MoeForConditionalGeneration", kind="multimodal", extras=hybrid_extras)
def qwen3_5(c: Config) -> Module:
    """With a vision tower; the top level decides whether the head is tied."""
    return module(
        model=module(visual=part_of(c.vision_config), language_model=part_of(c.text_config, "model")),
        lm_head=head(c.text_config, tied=c.tie_word_embeddings),
    )


@family("qwen3_5_vision", "Qwen3_5VisionModel")
@family("qwen3_5_moe_vision", "Qwen3_5MoeVisionModel")
def qwen3_5_vision(c: Config) -> Module:
    """Qwen3-VL's, without vectors for the text's first layers."""
    return qwen3_vision_tower(c)
