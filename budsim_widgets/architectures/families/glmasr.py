"""GLM-ASR: Whisper's encoder with rotary positions, and a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import is_tied_at_top
from budsim_widgets.architectures.blocks.whisper import audio_language_model
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("glmasr", "GlmAsrForConditionalGeneration", kind="multimodal")
def glmasr(c: Config) -> Module:
    """A projector twice as wide as the text model."""
    text_hidden_size = c.text_config.hidden_size
    projector = module(
        linear_1=linear(c.audio_config.intermediate_size, 2 * text_hidden_size, bias=True),
        linear_2=linear(2 * text_hidden_size, text_hidden_size, bias=True),
    )
    return audio_language_model(c, projector, tied=is_tied_at_top(c))


@family("glmasr_encoder", "GlmAsrEncoder")
def glmasr_encoder(c: Config) -> Module:
    """Whisper's encoder with rotary positions."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    head_dim = c.head_dim
    layer = module(
        self_attn=attention(
            hidden_size, num_attention_heads, c.num_key_value_heads, head_dim, bias=True, key_bias=False, cached=False
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return module(
        conv1=conv(hidden_size, c.num_mel_bins, 3),
        conv2=conv(hidden_size, hidden_size, 3),
        layers=repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size),
    )
