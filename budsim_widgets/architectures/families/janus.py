"""Janus: a tower for pictures as input, and a VQ-GAN for pictures as output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.siglip import siglip_without_head
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.blocks.vq_gan import group_norm, resampling, residual
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("janus", "JanusForConditionalGeneration", kind="multimodal")
def janus(c: Config) -> Module:
    """Aligners take the tower's vectors, and the tokens of generated pictures, to the text's hidden size."""
    vision, vq = c.vision_config, c.vq_config
    words, token, projection_dim = vq.num_embeddings, vq.embed_dim, vq.projection_dim
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        vision_model=_vision(vision),
        aligner=_aligner(vision.hidden_size, vision.projection_dim, vision.get("depth", 2)),
        vqmodel=_vq_gan(vq),
        generation_embeddings=embedding(words, token),
        generation_aligner=_aligner(token, projection_dim, vq.get("num_hidden_layers", 2)),
        generation_head=module(
            proj_out=linear(vq.image_token_embed_dim, projection_dim, bias=True),
            vision_head=linear(projection_dim, words, bias=True),
        ),
    )


def _aligner(in_features: int, projection_dim: int, depth: int) -> Module:
    return module(
        fc1=linear(in_features, projection_dim, bias=True),
        hidden_layers=repeat(max(depth - 1, 0), linear(projection_dim, projection_dim, bias=True)),
    )


def _vision(c: Config) -> Module:
    """SigLIP, whose queries and keys may be normed."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    norm = layer_norm(hidden_size) if c.get("use_qk_norm", False) else None
    self_attn = attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size_per_head(c),
        bias=c.get("attention_bias", True),
        out_bias=True,
        names=("q_proj", "k_proj", "v_proj", "projection_layer"),
        cached=False,
        q_norm=norm,
        k_norm=norm,
    )
    layer = module(
        layer_norm1=layer_norm(hidden_size),
        self_attn=self_attn,
        layer_norm2=layer_norm(hidden_size),
        mlp=mlp(hidden_size, int(hidden_size * c.get("mlp_ratio", 4.0)), names=("fc1", "fc2")),
    )
    return siglip_without_head(c, layer)


def _vq_gan(c: Config) -> Module:
    token, latent = c.embed_dim, c.latent_channels
    return module(
        encoder=_encoder(c),
        quantize=module(embedding=embedding(c.num_embeddings, token)),
        quant_conv=conv(token, latent, 1, 1),
        post_quant_conv=conv(latent, token, 1, 1),
        decoder=_decoder(c),
    )


def _encoder(c: Config) -> Module:
    """Each level but the last halves the picture; the last attends."""
    level_channels = [c.base_channels * ratio for ratio in (1, *c.get("channel_multiplier", (1, 1, 2, 2, 4)))]
    last = len(level_channels) - 1
    levels: dict[str, Part] = {}
    for level in range(1, len(level_channels)):
        in_channels, out_channels = level_channels[level - 1], level_channels[level]
        changes = {"downsample": resampling(out_channels if c.num_res_blocks else in_channels)} if level != last else {}
        levels[str(level - 1)] = _level(
            in_channels, out_channels, c.num_res_blocks, changes, has_attention=level == last
        )
    last_channels = level_channels[-1] if c.num_res_blocks else level_channels[-2]
    out = 2 * c.latent_channels if c.get("double_latent", False) else c.latent_channels
    return module(
        conv_in=conv(c.base_channels, c.in_channels, 3, 3),
        down=module(levels),
        mid=_middle(last_channels),
        norm_out=group_norm(last_channels),
        conv_out=conv(out, last_channels, 3, 3),
    )


def _decoder(c: Config) -> Module:
    """The same backwards, with one block more a level."""
    level_channels = [c.base_channels * ratio for ratio in reversed(c.get("channel_multiplier", (1, 1, 2, 2, 4)))]
    in_channels = [level_channels[0], *level_channels]
    levels: dict[str, Part] = {}
    for level, out_channels in enumerate(level_channels):
        is_last = level == len(level_channels) - 1
        changes = {} if is_last else {"upsample": resampling(out_channels)}
        levels[str(level)] = _level(
            in_channels[level], out_channels, c.num_res_blocks + 1, changes, has_attention=level == 0
        )
    return module(
        conv_in=conv(level_channels[0], c.latent_channels, 3, 3),
        mid=_middle(level_channels[0]),
        up=module(levels),
        norm_out=group_norm(level_channels[-1]),
        conv_out=conv(c.out_channels, level_channels[-1], 3, 3),
    )


def _level(
    in_channels: int, out_channels: int, num_blocks: int, changes: dict[str, Module], *, has_attention: bool
) -> Module:
    block_channels = [in_channels, *[out_channels] * num_blocks]
    blocks = module({str(index): residual(block_channels[index], out_channels) for index in range(num_blocks)})
    return module(changes, block=blocks, attn=repeat(num_blocks, _attention(out_channels)) if has_attention else None)


def _middle(channels: int) -> Module:
    return module(
        block_1=residual(channels, channels), attn_1=_attention(channels), block_2=residual(channels, channels)
    )


def _attention(channels: int) -> Module:
    projection = conv(channels, channels, 1, 1)
    return module(norm=group_norm(channels), q=projection, k=projection, v=projection, proj_out=projection)
