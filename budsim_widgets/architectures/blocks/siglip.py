"""The vision towers of SigLIP and SigLIP 2, which many models use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import height_and_width, num_patches, side_of, vit_layer
from budsim_widgets.architectures.parts import Weight, module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def siglip_without_head(c: Config, layer: Module | None = None) -> Module:
    """Patches, positions, layers and a norm.

    Args:
        c: The config.
        layer: A layer of its own; None: SigLIP's.
    """
    hidden_size = c.hidden_size
    return module(
        embeddings=module(
            patch_embedding=conv(hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size")),
            position_embedding=embedding(num_patches(c), hidden_size),
        ),
        encoder=module(layers=repeat(c.num_hidden_layers, layer or vit_layer(c))),
        post_layernorm=layer_norm(hidden_size),
    )


def siglip2_without_head(c: Config) -> Module:
    """Pictures of any shape: the patches come flattened, and their number is that of the positions."""
    hidden_size, side = c.hidden_size, side_of(c.patch_size, "patch_size")
    return module(
        embeddings=module(
            patch_embedding=linear(c.num_channels * side * side, hidden_size, bias=True),
            position_embedding=embedding(c.num_patches, hidden_size),
        ),
        encoder=module(layers=repeat(c.num_hidden_layers, vit_layer(c))),
        post_layernorm=layer_norm(hidden_size),
    )


def pooling_head(c: Config) -> Module:
    """A learned query that attends to all patches, and a feed-forward block."""
    hidden_size = c.hidden_size
    return module(
        probe=Weight((1, 1, hidden_size)),
        attention=fused_projections(hidden_size),
        layernorm=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
    )


def fused_projections(hidden_size: int) -> Module:
    """Attention as torch's own `MultiheadAttention` stores it."""
    return module(
        in_proj_weight=Weight((3 * hidden_size, hidden_size), "linear"),
        in_proj_bias=Weight((3 * hidden_size,), "bias"),
        out_proj=linear(hidden_size, hidden_size, bias=True),
    )
