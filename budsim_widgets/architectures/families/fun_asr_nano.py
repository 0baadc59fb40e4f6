"""Fun-ASR-Nano: attention with a memory along the time, an adaptor of attention layers, and Qwen3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import depthwise_conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, seeing_model
from budsim_widgets.architectures.parts import Module, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("fun_asr_nano", "FunAsrNanoForConditionalGeneration", kind="multimodal")
def fun_asr_nano(c: Config) -> Module:
    """The adaptor's layers are as wide as the text model."""
    adaptor = c.adaptor_config
    size, middle = adaptor.hidden_size, adaptor.get("projector_hidden_size", 2048)
    projector = module(
        linear_1=linear(c.audio_config.hidden_size, middle, bias=True),
        linear_2=linear(middle, size, bias=True),
        layers=repeat(adaptor.num_hidden_layers, _layer(adaptor, size)),
    )
    return seeing_model(c, tied=is_tied_at_top(c), audio_tower=part_of(c.audio_config), multi_modal_projector=projector)


@family("fun_asr_nano_encoder", "FunAsrNanoEncoder")
def encoder(c: Config) -> Module:
    """The first layer reads stacked frames; a norm ends those for the words and those for their times."""
    size, count = c.hidden_size, c.num_hidden_layers
    heard = c.num_mel_bins * c.num_stacked_frames or size
    normed = {count - c.num_timestamp_prediction_layers - 1, count - 1}

    def layer(is_first: bool, is_last: bool) -> Module:  # noqa: FBT001 - the values that tell layers apart
        return _layer(c, heard if is_first else size, memory=c.fsmn_kernel_size, is_last=is_last)

    return module(layers=stack(((index == 0, index in normed) for index in range(count)), layer))


def _layer(c: Config, seen: int, *, memory: int | None = None, is_last: bool = False) -> Module:
    size = c.hidden_size
    projection = linear(seen, size, bias=True)
    return module(
        self_attn=module(
            q_proj=projection,
            k_proj=projection,
            v_proj=projection,
            o_proj=linear(size, size, bias=True),
            fsmn=None if memory is None else module(conv=depthwise_conv(size, memory, bias=False)),
        ),
        mlp=mlp(size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(seen),
        post_attention_layernorm=layer_norm(size),
        final_layernorm=layer_norm(size) if is_last else None,
    )
