"""ViT: an encoder of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import height_and_width, num_patches
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("vit", "ViTModel")
def vit(c: Config) -> Module:
    """A vector for the whole picture, learned positions, and a layer that pools."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    layer = module(
        attention=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            c.head_dim,
            bias=c.get("qkv_bias", True),
            out_bias=True,
            cached=False,
        ),
        layernorm_before=layer_norm(hidden_size),
        layernorm_after=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
    )
    return module(
        embeddings=module(
            cls_token=Weight((1, 1, hidden_size)),
            patch_embeddings=module(
                projection=conv(hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size"))
            ),
            position_embeddings=Weight((1, num_patches(c) + 1, hidden_size)),
        ),
        layers=repeat(c.num_hidden_layers, layer),
        layernorm=layer_norm(hidden_size),
        pooler=module(dense=linear(hidden_size, c.get("pooler_output_size") or hidden_size, bias=True)),
    )
