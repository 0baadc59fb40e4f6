"""DiffusionGemma: Gemma 4 that reads as a decoder does, and writes a whole block at once by refining it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.gemma4 import gemma4_embedder, gemma4_layer_types, gemma4_model
from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import is_tied_at_top
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import extended, module, selected, uncached
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Module


@family("diffusion_gemma", "DiffusionGemmaForBlockDiffusion", kind="multimodal")
def diffusion_gemma(c: Config) -> Module:
    """What reads and what writes are the same weights, where tied; only what writes sees its last draft."""
    text, vision, is_tied = c.text_config, c.vision_config, is_tied_at_top(c)
    reader = _reader(text)
    writer = selected(reader, "bias") if is_tied else uncached(reader)
    drafts = extended(gated_mlp(text.hidden_size, text.intermediate_size), {"pre_norm": rms_norm(text.hidden_size)})
    return module(
        model=module(
            encoder=module(
                language_model=reader,
                vision_tower=part_of(vision),
                embed_vision=gemma4_embedder(vision.hidden_size, text),
            ),
            decoder=extended(writer, {"self_conditioning": drafts}),
        ),
        lm_head=head(text, tied=is_tied),
    )


def _reader(text: Config) -> Module:
    """Gemma 4 with experts in every layer, whose full layers have no values of their own."""
    fields = {**text.fields, "attention_k_eq_v": True, "enable_moe_block": True}
    return gemma4_model(Config(fields), gemma4_layer_types(text), text.num_hidden_layers)
