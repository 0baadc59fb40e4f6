"""SigLIP's vision tower: what Gemma 3, PaliGemma, Idefics 3 and others see with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.attention import attention
from budsim_widgets.architectures.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("siglip_vision_model", "SiglipVisionModel")
def siglip_vision(c: Config) -> Module:
    """Patches and learned positions, pre-norm layers, and by default a head that pools the patches by attention."""
    size = c.hidden_size
    return module(
        embeddings=module(
            patch_embedding=conv(size, c.num_channels, c.patch_size, c.patch_size),
            position_embedding=embedding((c.image_size // c.patch_size) ** 2, size),
        ),
        encoder=module(layers=repeat(c.num_hidden_layers, _layer(c))),
        post_layernorm=layer_norm(size),
        head=_pooling_head(c) if c.get("vision_use_head", True) else None,
    )


def _layer(c: Config) -> Module:
    heads, names = c.num_attention_heads, ("q_proj", "k_proj", "v_proj", "out_proj")
    return module(
        layer_norm1=layer_norm(c.hidden_size),
        self_attn=attention(c.hidden_size, heads, heads, c.hidden_size // heads, bias=True, names=names, cached=False),
        layer_norm2=layer_norm(c.hidden_size),
        mlp=_mlp(c),
    )


def _mlp(c: Config) -> Module:
    return mlp(c.hidden_size, c.intermediate_size, names=("fc1", "fc2"))


def _pooling_head(c: Config) -> Module:
    size = c.hidden_size
    return module(
        probe=Weight((1, 1, size)),
        attention=module(
            in_proj_weight=Weight((3 * size, size), "linear"),
            in_proj_bias=Weight((3 * size,), "bias"),
            out_proj=linear(size, size, bias=True),
        ),
        layernorm=layer_norm(size),
        mlp=_mlp(c),
    )
