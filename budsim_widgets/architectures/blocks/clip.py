"""CLIP's vision tower, which many models use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm
from budsim_widgets.architectures.blocks.vision import height_and_width, num_patches, vit_layer
from budsim_widgets.architectures.parts import Weight, module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def clip_tower(c: Config) -> Module:
    """Patches, one vector for the whole picture and learned positions; a norm before the layers and one behind."""
    hidden_size = c.hidden_size
    return module(
        embeddings=module(
            class_embedding=Weight((hidden_size,)),
            patch_embedding=conv(
                hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size"), bias=False
            ),
            position_embedding=embedding(num_patches(c) + 1, hidden_size),
        ),
        # The name has this slip in transformers.
        pre_layrnorm=layer_norm(hidden_size),
        encoder=module(layers=repeat(c.num_hidden_layers, vit_layer(c))),
        post_layernorm=layer_norm(hidden_size),
    )
