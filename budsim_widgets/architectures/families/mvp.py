"""MVP: BART with learned prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import BART, bart_decoder, bart_decoder_only, bart_encoder, bart_joined
from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.parts import extended, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mvp", "MvpForConditionalGeneration")
def mvp(c: Config) -> Module:
    """BART, with prompts for each task where it has them; transformers 5 builds those of the decoder alone."""
    shared = c.tie_word_embeddings
    encoder, decoder = bart_encoder(c, BART, shared=shared), bart_decoder(c, BART, shared=shared)
    if c.use_prompt:
        prompt = _prompt(c, c.decoder_layers)
        decoder = extended(decoder, {"self_attn_prompt": prompt, "cross_attn_prompt": prompt})
    return bart_joined(c, encoder, decoder)


def _prompt(c: Config, num_layers: int) -> Module:
    d_model, middle = c.d_model, c.get("prompt_mid_dim", 800)
    trans = {
        "0": linear(d_model, middle, bias=True),
        "2": linear(middle, num_layers * 2 * d_model, bias=True),
    }
    return module(prompt_embedding=embedding(c.get("prompt_length", 100), d_model), prompt_trans=module(trans))


@family("mvp", "MvpForCausalLM")
def mvp_decoder(c: Config) -> Module:
    """MVP's decoder, without prompts."""
    return bart_decoder_only(c, BART)
