"""Higgs Audio 2, which speaks: a Llama whose layers have a second feed-forward block, for the tokens of sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("higgs_audio_v2", "HiggsAudioV2ForConditionalGeneration")
def higgs_audio_v2(c: Config) -> Module:
    """The head scores codes of sound; the file's head for text isn't built."""
    hidden_size, codes = c.hidden_size, c.num_codebooks * c.codebook_size
    feed_forward = gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias)
    layer = pre_norm_layer(
        hidden_size,
        self_attention(c, bias=c.attention_bias),
        feed_forward,
        audio_mlp=feed_forward,
        audio_input_layernorm=rms_norm(hidden_size),
        audio_post_attention_layernorm=rms_norm(hidden_size),
    )
    return module(
        model=module(
            embed_tokens=embedding(c.vocab_size, hidden_size),
            layers=repeat(c.num_hidden_layers, layer),
            norm=rms_norm(hidden_size),
            embed_audio_tokens=module(embed_audio_tokens=embedding(codes, hidden_size)),
        ),
        audio_lm_head=linear(hidden_size, codes, role="head"),
    )
