"""Gemma 4, with towers or unified, and its assistants, a few layers that draft what the large model will say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.gemma import (
    gemma4_embedder,
    gemma4_layer_types,
    gemma4_model,
    sharing_layers,
)
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import is_tied_at_top
from budsim_widgets.architectures.parts import Weight, module, uncached
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gemma4_text", "Gemma4ForCausalLM")
@family("gemma4_unified_text", "Gemma4UnifiedForCausalLM")
def gemma4_text(c: Config) -> Module:
    """Every sixth layer is full, and the last one always; a layer may have an embedding of its own."""
    kinds = gemma4_layer_types(c)
    return module(model=gemma4_model(c, kinds, sharing_layers(c, kinds, may_share_all=True)), lm_head=head(c))


@family("gemma4", "Gemma4ForConditionalGeneration", kind="multimodal")
def gemma4(c: Config) -> Module:
    """Gemma 4 with the towers that its config has."""
    text, vision, audio = c.text_config, c.get("vision_config"), c.get("audio_config")
    vision_width = vision.get("output_proj_dims", vision.hidden_size) if vision else 0
    return module(
        model=module(
            vision_tower=part_of(vision) if vision else None,
            language_model=part_of(text, "model"),
            audio_tower=part_of(audio) if audio else None,
            embed_vision=gemma4_embedder(vision_width, text) if vision else None,
            embed_audio=gemma4_embedder(audio.output_proj_dims, text) if audio else None,
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
            embed_audio=gemma4_embedder(audio.audio_embed_dim, text) if audio else None,
        ),
        lm_head=head(text, tied=c.tie_word_embeddings),
    )


def _patch_embedder(c: Config, text: Config) -> Module:
    patch_dim = 3 * (c.patch_size * c.pooling_kernel_size) ** 2
    return module(
        patch_ln1=layer_norm(patch_dim),
        patch_dense=linear(patch_dim, c.mm_embed_dim, bias=True),
        patch_ln2=layer_norm(c.mm_embed_dim),
        pos_embedding=Weight((c.mm_posemb_size, 2, c.mm_embed_dim), "embedding"),
        pos_norm=layer_norm(c.mm_embed_dim),
        multimodal_embedder=gemma4_embedder(c.output_proj_dims, text),
    )


@family("gemma4_assistant", "Gemma4AssistantForCausalLM")
@family("gemma4_unified_assistant", "Gemma4UnifiedAssistantForCausalLM")
def gemma4_assistant(c: Config) -> Module:
    """It takes two vectors of the large model's hidden size, and gives one back; what it keeps is the large model's."""
    text, backbone = c.text_config, c.backbone_hidden_size
    hidden_size, kinds = text.hidden_size, gemma4_layer_types(text)
    # No number means all of them, as in the published assistants; transformers builds no others.
    shares = sharing_layers(text, kinds, may_share_all=True) if text.num_kv_shared_layers else [True] * len(kinds)
    layers = gemma4_model(text, kinds, shares)
    return module(
        model=uncached(layers),
        lm_head=head(text, tied=is_tied_at_top(c)),
        pre_projection=linear(2 * backbone, hidden_size),
        post_projection=linear(hidden_size, backbone),
        masked_embedding=module(centroids=linear(hidden_size, c.num_centroids)) if c.use_ordered_embeddings else None,
    )
