"""Voxtral: Whisper's encoder before a Mistral; for live speech both attend to windows only."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.vision import (
    headless_decoder,
    is_tied_at_top,
    multimodal_model,
    two_layer_projector,
)
from budsim_widgets.architectures.blocks.whisper import audio_language_model, whisper_encoder
from budsim_widgets.architectures.cache import StateCache, StreamingEncoderCache
from budsim_widgets.architectures.parts import extended, module, recached, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("voxtral", "VoxtralForConditionalGeneration", kind="multimodal")
def voxtral(c: Config) -> Module:
    """Several of the encoder's vectors are joined to the intermediate size of its feed-forward block."""
    projector = two_layer_projector(c.audio_config.intermediate_size, c.text_config.hidden_size, bias=False)
    return audio_language_model(c, projector, tied=False)


@family("voxtral_encoder", "VoxtralEncoder")
def voxtral_encoder(c: Config) -> Module:
    """Whisper's encoder."""
    return whisper_encoder(c)


_DELAY_DIM = 32


@family("voxtral_realtime", "VoxtralRealtimeForConditionalGeneration", kind="multimodal")
def voxtral_realtime(c: Config) -> Module:
    """Joins `downsample_factor` of the encoder's vectors to a token; the encoder's cache grows with every token."""
    joined_hidden_size = c.audio_config.hidden_size * c.downsample_factor
    projector = two_layer_projector(joined_hidden_size, c.text_config.hidden_size, bias=False)
    tower = recached(part_of(c.audio_config), partial(_for_each_token, frames=c.downsample_factor))
    return multimodal_model(c, tied=is_tied_at_top(c), audio_tower=tower, multi_modal_projector=projector)


def _for_each_token(kept: LayerCache, *, frames: int) -> LayerCache:
    return replace(kept, frames_per_token=frames) if isinstance(kept, StreamingEncoderCache) else kept


@family("voxtral_realtime_encoder", "VoxtralRealtimeEncoder")
def voxtral_realtime_encoder(c: Config) -> Module:
    """Causal convolutions, which keep their last inputs, and gated layers with a window."""
    hidden_size, intermediate_size, num_attention_heads = c.hidden_size, c.intermediate_size, c.num_attention_heads
    kept = StreamingEncoderCache(
        num_heads=num_attention_heads, head_dim=c.head_dim, frames_per_token=1, window=c.get("sliding_window")
    )
    layer = module(
        self_attn=attention(
            hidden_size, num_attention_heads, num_attention_heads, c.head_dim, bias=True, key_bias=False, cached=False
        ),
        self_attn_layer_norm=rms_norm(hidden_size),
        final_layer_norm=rms_norm(hidden_size),
        mlp=extended(
            gated_mlp(hidden_size, intermediate_size), {"down_proj": linear(intermediate_size, hidden_size, bias=True)}
        ),
        cache=kept,
    )
    conv_cache = StateCache(conv_elements=2 * c.num_mel_bins + hidden_size)
    return module(
        embedder=module(
            conv1=conv(hidden_size, c.num_mel_bins, 3), conv2=conv(hidden_size, hidden_size, 3), cache=conv_cache
        ),
        layers=repeat(c.num_hidden_layers, layer),
        norm=rms_norm(hidden_size),
    )


@family("voxtral_realtime_text", "VoxtralRealtimeTextModel")
def voxtral_realtime_text(c: Config) -> Module:
    """Llama with a window, and in every layer two small matrices for the delay."""
    hidden_size = c.hidden_size
    layer = pre_norm_layer(
        hidden_size,
        self_attention(c, window=c.get("sliding_window")),
        gated_mlp(hidden_size, c.intermediate_size),
        ada_rms_norm=module(linear1=linear(hidden_size, _DELAY_DIM), linear2=linear(_DELAY_DIM, hidden_size)),
    )
    return headless_decoder(c, repeat(c.num_hidden_layers, layer))
