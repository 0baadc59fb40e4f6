"""Fun-ASR-Nano: attention with a memory along the time, an adaptor of attention layers, and Qwen3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import depthwise_conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import Module, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("fun_asr_nano", "FunAsrNanoForConditionalGeneration", kind="multimodal")
def fun_asr_nano(c: Config) -> Module:
    """The adaptor's layers are as wide as the text model."""
    adaptor = c.adaptor_config
    hidden_size, middle = adaptor.hidden_size, adaptor.get("projector_hidden_size", 2048)
    projector = module(
        linear_1=linear(c.audio_config.hidden_size, middle, bias=True),
        linear_2=linear(middle, hidden_size, bias=True),
        layers=repeat(adaptor.num_hidden_layers, _layer(adaptor, hidden_size)),
    )
    return multimodal_model(
        c, tied=is_tied_at_top(c), audio_tower=part_of(c.audio_config), multi_modal_projector=projector
    )


@family("fun_asr_nano_encoder", "FunAsrNanoEncoder")
def encoder(c: Config) -> Module:
    """The first layer takes stacked frames; a norm ends the layers for the words and those for their times."""
    hidden_size, count = c.hidden_size, c.num_hidden_layers
    in_features = c.num_mel_bins * c.num_stacked_frames or hidden_size
    normed = {count - c.num_timestamp_prediction_layers - 1, count - 1}

    def layer(is_first: bool, is_last: bool) -> Module:  # noqa: FBT001 - in which the layers differ
        return _layer(c, in_features if is_first else hidden_size, memory=c.fsmn_kernel_size, is_last=is_last)

    return module(layers=stack(((index == 0, index in normed) for index in range(count)), layer))


def _layer(c: Config, in_features: int, *, memory: int | None = None, is_last: bool = False) -> Module:
    hidden_size = c.hidden_size
    projection = linear(in_features, hidden_size, bias=True)
    return module(
        self_attn=module(
            q_proj=projection,
            k_proj=projection,
            v_proj=projection,
            o_proj=linear(hidden_size, hidden_size, bias=True),
            fsmn=None if memory is None else module(conv=depthwise_conv(hidden_size, memory, bias=False)),
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(in_features),
        post_attention_layernorm=layer_norm(hidden_size),
        final_layernorm=layer_norm(hidden_size) if is_last else None,
    )
