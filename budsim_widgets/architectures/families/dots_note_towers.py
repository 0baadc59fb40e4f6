"""What dots3.note sees and hears with, and the whole of it beside its language model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import (
    conv,
    fused_gated_mlp,
    gated_mlp,
    layer_norm,
    linear,
    mixture_of_experts,
    rms_norm,
)
from budsim_widgets.architectures.blocks.models import given_layer_types
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, is_tied_at_top, multimodal_model, side_of
from budsim_widgets.architectures.config import Config, inconsistent, own_fields
from budsim_widgets.architectures.parts import module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Module

_PYRAMID: Final = (*[-1] * 25, *range(4, 65, 4), 64)
"""Experts of each layer of the vision tower, unless the config lists them; -1: a plain feed-forward block."""

_WHISPER_NAMES: Final = {
    "d_model": "hidden_size",
    "encoder_attention_heads": "num_attention_heads",
    "encoder_ffn_dim": "intermediate_size",
    "encoder_layers": "num_hidden_layers",
    "num_mel_bins": "feature_size",
}
"""Fields of the `whisper_config` in which released configs hold the audio tower's dimensions; it wins."""


@family("dots3_note", "Dots3NoteForConditionalGeneration", kind="multimodal")
def dots3_note(c: Config) -> Module:
    """Both towers end in an adapter that brings them to the text's hidden size."""
    vision, audio = c.vision_config, c.audio_config
    _agree("vision_config.adapter_out_dim", vision.adapter_out_dim, c.text_config.hidden_size)
    _agree("audio_config.adapter_out_dim", _audio_out_dim(audio), c.text_config.hidden_size)
    return multimodal_model(c, tied=is_tied_at_top(c), vision_tower=part_of(vision), audio_tower=part_of(audio))


@family("dots3_note", "Dots3NoteForCausalLM")
def dots3_note_alone(c: Config) -> Module:
    """The language model without its towers."""
    return part_of(c.text_config)


@family("dots3_note_vision_encoder", "Dots3NoteVisionModel")
def dots3_note_vision(c: Config) -> Module:
    """The later layers have experts, each more of them than the one before; none is shared."""
    hidden_size, side, bias = c.hidden_size, side_of(c.patch_size, "patch_size"), c.attention_bias
    joined = hidden_size * c.adapter_merge_size**2
    _agree("adapter_in_dim", c.adapter_in_dim, hidden_size)
    _agree("adapter_merge_size", c.adapter_merge_size, c.spatial_merge_size)
    qk_norm = rms_norm(hidden_size_per_head(c))
    attend = module(
        qkv=linear(hidden_size, 3 * hidden_size, bias=bias),
        proj=linear(hidden_size, hidden_size, bias=bias),
        q_norm=qk_norm,
        k_norm=qk_norm,
    )

    def block(kind: str, own: tuple[tuple[str, Any], ...]) -> Module:
        return module(
            norm1=rms_norm(hidden_size),
            attn=attend,
            norm2=rms_norm(hidden_size),
            mlp=_feed_forward(Config({**c.fields, **dict(own)}), kind),
        )

    return module(
        patch_embed=module(proj=conv(hidden_size, c.num_channels, side, side), norm=rms_norm(hidden_size)),
        blocks=stack(_kinds(c), block),
        merger=module(
            ln_q=layer_norm(hidden_size),
            mlp=module({"0": linear(joined, joined, bias=True), "2": linear(joined, c.adapter_out_dim, bias=True)}),
        ),
        norm=rms_norm(hidden_size),
    )


def _kinds(c: Config) -> list[tuple[str, tuple[tuple[str, Any], ...]]]:
    """Of every layer: dense or sparse, and the fields that it has of its own."""
    kinds = given_layer_types(c, name="mlp_layer_types")
    pyramid = c.get("pyramid_num_routed", _PYRAMID if kinds is None else ())
    if pyramid:
        if len(pyramid) < c.num_hidden_layers or any(count > 0 for count in pyramid[c.num_hidden_layers :]):
            count = c.num_hidden_layers
            raise inconsistent("pyramid_num_routed", f"It lists {len(pyramid)} layers, but there are {count}.")
        kinds = ["sparse" if count > 0 else "dense" for count in pyramid]
    return [
        (kind, tuple(_own(c, index, pyramid).items()))
        for index, kind in zip(range(c.num_hidden_layers), kinds or (), strict=False)
    ]


def _own(c: Config, index: int, pyramid: tuple[int, ...]) -> dict[str, Any]:
    own = own_fields(c, index)
    if own is not None or not pyramid:
        return own or {}
    return {"num_local_experts": pyramid[index]}


def _feed_forward(c: Config, kind: str) -> Module:
    if kind != "sparse":
        return gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
    if c.mlp_bias:
        raise inconsistent("vision_config.mlp_bias", "`mlp_bias` is set, but experts have no biases.")
    used = c.get("num_experts_per_tok", c.get("capacity_factor", 2))
    return mixture_of_experts(c.hidden_size, c.num_local_experts, used, c.moe_intermediate_size)


@family("dots3_note_audio_encoder", "Dots3NoteAudioModel")
def dots3_note_audio(c: Config) -> Module:
    """Three convolutions, each of which halves time and pitch, then layers whose keys have no bias."""
    whisper = c.fields.get("whisper_config") or {}
    c = Config({**c.fields, **{name: whisper[old] for old, name in _WHISPER_NAMES.items() if old in whisper}})
    hidden_size, num_attention_heads, bias = c.hidden_size, c.num_attention_heads, c.attention_bias
    _agree("adapter_input_size", c.get("whisper_adapter_in_dim", c.adapter_input_size), hidden_size)
    downsample_hidden_size, out = c.downsample_hidden_size, _audio_out_dim(c)
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


def _audio_out_dim(c: Config) -> int:
    """The width that the audio's adapter leaves, under today's name or an older one."""
    return int(c.get("whisper_adapter_out_dim", c.get("adapter_output_size", c.adapter_out_dim)))


def _agree(field: str, value: int, wanted: int) -> None:
    if value != wanted:
        raise inconsistent(field, f"`{field}` is {value}, but {wanted} is what it leads to or comes from.")
