"""GIT: CLIP's tower, and a BERT that keeps keys and values of pictures and text alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_attention, bert_embeddings, bert_output
from budsim_widgets.architectures.blocks.clip import clip_tower
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("git", "GitForCausalLM", kind="multimodal")
def git(c: Config) -> Module:
    """A BERT that keeps keys and values of pictures and text alike; videos have a learned vector for each frame."""
    hidden_size, vision_hidden_size, frames = (
        c.hidden_size,
        c.vision_config.hidden_size,
        c.get("num_image_with_embedding"),
    )
    return module(
        git=module(
            embeddings=bert_embeddings(c, token_type_embeddings=None),
            image_encoder=part_of(c.vision_config),
            encoder=module(layer=repeat(c.num_hidden_layers, _git_layer(c))),
            visual_projection=module(
                visual_projection=module(
                    {"0": linear(vision_hidden_size, hidden_size, bias=True), "1": layer_norm(hidden_size)}
                )
            ),
            img_temporal_embedding=repeat(frames, Weight((1, 1, vision_hidden_size))) if frames else None,
        ),
        output=head(c, bias=True),
    )


def _git_layer(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        attention=bert_attention(c, cached=True),
        intermediate=module(dense=linear(hidden_size, c.intermediate_size, bias=True)),
        output=bert_output(c.intermediate_size, hidden_size),
    )


@family("git_vision_model", "GitVisionModel")
def git_vision(c: Config) -> Module:
    """The same, one level down."""
    return module(vision_model=clip_tower(c))
