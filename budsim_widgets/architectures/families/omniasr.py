"""Omnilingual ASR: Wav2Vec2's encoder before a Llama, or before a head of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, multimodal_model
from budsim_widgets.architectures.blocks.wav2vec2 import feature_projection, normed_convolutions, wav2vec2_layer
from budsim_widgets.architectures.parts import extended, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("omniasr", "OmniASRForConditionalGeneration", kind="multimodal")
def omniasr(c: Config) -> Module:
    """One matrix takes the sound to the text's hidden size; the head is never tied."""
    audio, text = c.audio_config, c.text_config
    projector = linear(audio.hidden_size, text.hidden_size, bias=True)
    return multimodal_model(c, tied=False, audio_tower=part_of(audio), multi_modal_projector=projector)


@family("omniasr_ctc", "OmniASRForCTC")
def omniasr_ctc(c: Config) -> Module:
    """A score for every character and frame."""
    audio = c.audio_config
    return module(model=module(audio_tower=part_of(audio)), ctc_head=linear(audio.hidden_size, c.vocab_size, bias=True))


@family("omniasr_audio", "OmniASRAudioModel")
def omniasr_audio(c: Config) -> Module:
    """Convolutions shorten the wave; another one stands for positions."""
    hidden_size, groups = c.hidden_size, c.num_conv_pos_embedding_groups
    hidden_size_per_head(c)
    positions = conv(hidden_size, hidden_size // groups, c.num_conv_pos_embeddings)
    return module(
        subsampling=extended(feature_projection(c), {"conv_layers": normed_convolutions(c)}),
        encode_positions=module(conv=positions),
        layers=repeat(c.num_hidden_layers, wav2vec2_layer(c, c.num_attention_heads, c.intermediate_size)),
        layer_norm=layer_norm(hidden_size),
    )
