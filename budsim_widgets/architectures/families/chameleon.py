"""Chameleon: Llama with normed queries and keys, to which pictures are tokens of a VQ-GAN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head
from budsim_widgets.architectures.blocks.vq_gan import group_norm, resampling, residual
from budsim_widgets.architectures.parts import Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("chameleon", "ChameleonForConditionalGeneration", kind="multimodal")
def chameleon(c: Config) -> Module:
    """Every head has a norm of its own."""
    hidden_size, num_attention_heads, num_key_value_heads, head_dim = (
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        hidden_size_per_head(c),
    )
    self_attn = attention(
        hidden_size,
        num_attention_heads,
        num_key_value_heads,
        head_dim,
        bias=c.get("attention_bias", False),
        q_norm=_norm_of_heads(num_attention_heads, head_dim),
        k_norm=_norm_of_heads(num_key_value_heads, head_dim),
    )
    layer = pre_norm_layer(
        hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size, bias=c.get("mlp_bias", False))
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size), vqmodel=_vq_gan(c.vq_config))


def _norm_of_heads(num_heads: int, head_dim: int) -> Module:
    return module(weight=Weight((num_heads, head_dim), "norm"), bias=Weight((num_heads, head_dim), "bias"))


def _vq_gan(c: Config) -> Module:
    """The half that turns pictures into tokens."""
    token, latent = c.embed_dim, c.latent_channels
    return module(
        encoder=_encoder(c),
        quantize=module(embedding=embedding(c.num_embeddings, token)),
        quant_conv=conv(token, latent, 1, 1),
        post_quant_conv=conv(latent, token, 1, 1),
    )


def _encoder(c: Config) -> Module:
    """Each level but the last halves the picture; at the listed resolutions its blocks attend as well."""
    base, blocks, has_attention = c.base_channels, c.num_res_blocks, c.attn_type == "vanilla"
    level_channels = [base * ratio for ratio in c.get("channel_multiplier", (1, 1, 2, 2, 4))]
    resolution = c.resolution
    levels: dict[str, Part] = {}
    for level, (in_channels, out_channels) in enumerate(zip([base, *level_channels], level_channels, strict=False)):
        into = [in_channels, *[out_channels] * blocks]
        at_resolution = has_attention and resolution in c.get("attn_resolutions", ())
        block = module(
            block=module({str(index): residual(into[index], out_channels) for index in range(blocks)}),
            attn=repeat(blocks if at_resolution else 0, _attention(out_channels)),
        )
        is_last = level == len(level_channels) - 1
        levels[str(level)] = block if is_last else extended(block, {"downsample": resampling(into[-1])})
        resolution //= 2
    out_channels = into[-1]
    out = (2 if c.get("double_latent", False) else 1) * c.latent_channels
    middle = residual(out_channels, out_channels)
    return module(
        conv_in=conv(base, c.in_channels, 3, 3),
        down=module(levels),
        mid=module(block_1=middle, attn_1=_attention(out_channels) if has_attention else None, block_2=middle),
        norm_out=group_norm(out_channels),
        conv_out=conv(out, out_channels, 3, 3),
    )


def _attention(channels: int) -> Module:
    """Attention whose projections are convolutions of one patch."""
    projection = conv(channels, channels, 1, 1)
    return module(norm=group_norm(channels), q=projection, k=projection, v=projection, proj_out=projection)
