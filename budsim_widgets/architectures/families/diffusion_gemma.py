"""DiffusionGemma: Gemma 4 as a causal encoder of the prompt, and as a decoder that refines a block of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.gemma import gemma4_embedder, gemma4_layer_types, gemma4_model
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
    """Encoder and decoder share their weights, where tied; only the decoder takes its last draft."""
    text, vision, is_tied = c.text_config, c.vision_config, is_tied_at_top(c)
    encoder = _encoder(text)
    decoder = selected(encoder, "bias") if is_tied else uncached(encoder)
    self_conditioning = extended(
        gated_mlp(text.hidden_size, text.intermediate_size), {"pre_norm": rms_norm(text.hidden_size)}
    )
    return module(
        model=module(
            encoder=module(
                language_model=encoder,
                vision_tower=part_of(vision),
                embed_vision=gemma4_embedder(vision.get("output_proj_dims", vision.hidden_size), text),
            ),
            decoder=extended(decoder, {"self_conditioning": self_conditioning}),
        ),
        lm_head=head(text, tied=is_tied),
    )


def _encoder(text: Config) -> Module:
    """Gemma 4 with experts in every layer, whose full layers have no values of their own."""
    fields = {**text.fields, "attention_k_eq_v": True, "enable_moe_block": True}
    return gemma4_model(Config(fields), gemma4_layer_types(text), [False] * text.num_hidden_layers)
