"""The audio tower of dots3.note: convolutions and Whisper-like layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.dots3_note import audio_out_dim, check_equal
from budsim_widgets.architectures.blocks.layers import conv, fused_gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from typing import Final

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_WHISPER_NAMES: Final = {
    "d_model": "hidden_size",
    "encoder_attention_heads": "num_attention_heads",
    "encoder_ffn_dim": "intermediate_size",
    "encoder_layers": "num_hidden_layers",
    "num_mel_bins": "feature_size",
}
"""Fields of the `whisper_config` in which released configs hold the audio tower's dimensions; it wins."""


@family("dots3_note_audio_encoder", "Dots3NoteAudioModel")
def dots3_note_audio(c: Config) -> Module:
    """Three convolutions, each of which halves time and pitch, then layers whose keys have no bias."""
    whisper = c.fields.get("whisper_config") or {}
    c = c.changed({**c.fields, **{name: whisper[old] for old, name in _WHISPER_NAMES.items() if old in whisper}})
    hidden_size, num_attention_heads, bias = c.hidden_size, c.num_attention_heads, c.attention_bias
    check_equal("adapter_input_size", c.get("whisper_adapter_in_dim", c.adapter_input_size), hidden_size)
    downsample_hidden_size, out = c.downsample_hidden_size, audio_out_dim(c)
    layer = module(
        self_attn=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size_per_head(c),
            bias=bias,
            key_bias=False,
            cached=False,
        ),
        input_layernorm=rms_norm(hidden_size),
        post_attention_layernorm=rms_norm(hidden_size),
        mlp=fused_gated_mlp(hidden_size, c.intermediate_size, bias=True),
    )
    return module(
        conv_stem=module(
            convs=module(
                {
                    str(index): conv(downsample_hidden_size, downsample_hidden_size if index else 1, 3, 3)
                    for index in range(3)
                }
            ),
            conv_out=linear(downsample_hidden_size * -(-c.feature_size // 8), hidden_size),
        ),
        layers=repeat(c.num_hidden_layers, layer),
        layer_norm=rms_norm(hidden_size),
        adapter=module(
            norm=layer_norm(hidden_size), fc1=linear(hidden_size, out, bias=True), fc2=linear(out, out, bias=True)
        ),
    )
