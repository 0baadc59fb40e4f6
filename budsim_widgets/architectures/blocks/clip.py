"""The vision towers of CLIP and BLIP, which many models use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import height_and_width, hidden_size_per_head, num_patches, vit_layer
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


def blip_tower(c: Config) -> Module:
    """CLIP's tower with fused projections; three colours, whatever the config says."""
    hidden_size = c.hidden_size
    layer = module(
        self_attn=module(
            qkv=linear(hidden_size, 3 * hidden_size_per_head(c) * c.num_attention_heads, bias=c.get("qkv_bias", True)),
            projection=linear(hidden_size, hidden_size, bias=True),
        ),
        layer_norm1=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        layer_norm2=layer_norm(hidden_size),
    )
    return module(
        embeddings=module(
            class_embedding=Weight((1, 1, hidden_size)),
            position_embedding=Weight((1, num_patches(c) + 1, hidden_size)),
            patch_embedding=conv(hidden_size, 3, *height_and_width(c.patch_size, "patch_size")),
        ),
        encoder=module(layers=repeat(c.num_hidden_layers, layer)),
        post_layernorm=layer_norm(hidden_size),
    )
