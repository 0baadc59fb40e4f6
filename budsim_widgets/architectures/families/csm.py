"""CSM, which speaks: a Llama over text and codes of sound, a small Llama for the codes of one frame, and Mimi."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.blocks.llama import llama_decoder
from budsim_widgets.architectures.parts import Module, Weight, extended, extended_at, module, uncached
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("csm", "CsmForConditionalGeneration", kind="multimodal")
def csm(c: Config) -> Module:
    """Where they are tied, both sides share a table of codes; the frame's decoder starts anew at every frame."""
    hidden_size, frame = c.hidden_size, c.depth_decoder_config
    tied = c.get("tie_codebooks_embeddings", False)
    own_codes = embedding(c.num_codebooks * c.vocab_size, hidden_size)
    frame_codes = embedding(frame.num_codebooks * frame.vocab_size, frame.backbone_hidden_size)
    decoder = uncached(part_of(frame))
    return module(
        lm_head=linear(hidden_size, c.vocab_size, role="head"),
        embed_text_tokens=embedding(c.text_vocab_size, hidden_size),
        backbone_model=_layers(c, module(embed_audio_tokens=frame_codes if tied else own_codes)),
        depth_decoder=extended_at(decoder, "model", {"embed_tokens": None}) if tied else decoder,
        codec_model=part_of(c.codec_config),
    )


@family("csm_depth_decoder_model", "CsmDepthDecoderForCausalLM")
def depth_decoder(c: Config) -> Module:
    """A head for each codebook but the first, in one tensor."""
    width, hidden_size = c.backbone_hidden_size, c.hidden_size
    own = _layers(c, embedding(c.num_codebooks * c.vocab_size, width))
    return module(
        model=extended(own, {"inputs_embeds_projector": linear(width, hidden_size)}),
        codebooks_head=module(weight=Weight((c.num_codebooks - 1, hidden_size, c.vocab_size), "head")),
    )


def _layers(c: Config, table: Module | None) -> Module:
    """Llama's layers behind another table."""
    own = llama_decoder(c).children["model"]
    if not isinstance(own, Module):
        raise TypeError("the decoder is no group")
    return extended(own, {"embed_tokens": table})
