"""The vision towers of SigLIP, SigLIP 2 and PaddleOCR: what Gemma 3, PaliGemma and others see with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import height_and_width, num_patches, side_of, vit_layer
from budsim_widgets.architectures.parts import Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("siglip_vision_model", "SiglipVisionModel")
def siglip_vision(c: Config) -> Module:
    """Patches and learned positions, pre-norm layers, and by default a head that pools the patches by attention."""
    return extended(siglip_without_head(c), {"head": pooling_head(c) if c.get("vision_use_head", True) else None})


@family("siglip2_vision_model", "Siglip2VisionModel")
def siglip2_vision(c: Config) -> Module:
    """SigLIP 2 and, as in SigLIP, its head."""
    return extended(siglip2_without_head(c), {"head": pooling_head(c) if c.get("vision_use_head", True) else None})


@family("cosmos3_edge_vision", "Cosmos3EdgeVisionModel")
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


@family("paddleocr_vl_vision", "PaddleOCRVisionModel")
def paddleocr_vision(c: Config) -> Module:
    """SigLIP without the pooling head, one level down."""
    return module(vision_model=siglip_without_head(c))


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


def pooling_head(c: Config) -> Module:
    """A vector that is learned and reads all patches, and a feed-forward block."""
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
