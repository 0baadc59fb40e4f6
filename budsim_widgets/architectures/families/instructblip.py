"""InstructBLIP, for pictures and for videos: BLIP-2 whose queries attend to the instruction as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.clip import blip_tower
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm
from budsim_widgets.architectures.blocks.q_former import model_with_q_former, q_former_layers
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("instructblip_vision_model", "InstructBlipVisionModel")
@family("instructblipvideo_vision_model", "InstructBlipVideoVisionModel")
def instructblip_vision(c: Config) -> Module:
    """BLIP's tower."""
    return blip_tower(c)


@family("instructblip", "InstructBlipForConditionalGeneration", kind="multimodal")
@family("instructblipvideo", "InstructBlipVideoForConditionalGeneration", kind="multimodal")
def instructblip(c: Config) -> Module:
    """BLIP-2 whose queries attend to the instruction as well."""
    q_former = c.qformer_config
    hidden_size = q_former.hidden_size
    embeddings = module(
        word_embeddings=embedding(q_former.vocab_size, hidden_size),
        position_embeddings=embedding(q_former.max_position_embeddings, hidden_size),
        layernorm=layer_norm(hidden_size),
    )
    layers = q_former_layers(q_former, c.vision_config.hidden_size, reads_text=True)
    return model_with_q_former(c, module(embeddings=embeddings, encoder=module(layer=layers)))
