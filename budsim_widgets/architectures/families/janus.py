"""Janus: reads pictures through a tower, and writes them as tokens that a VQ-GAN turns into pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import head_size, is_tied_at_top, seeing_model
from budsim_widgets.architectures.families.siglip import siglip_without_head
from budsim_widgets.architectures.families.vq_gan import group_norm, resampling, residual
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part


@family("janus", "JanusForConditionalGeneration", kind="multimodal")
def janus(c: Config) -> Module:
    """Aligners take what is seen, and what is written, to the text's width."""
    vision, vq = c.vision_config, c.vq_config
    words, token, size = vq.num_embeddings, vq.embed_dim, vq.projection_dim
    return seeing_model(
        c,
        tied=is_tied_at_top(c),
        vision_model=_vision(vision),
        aligner=_aligner(vision.hidden_size, vision.projection_dim, vision.get("depth", 2)),
        vqmodel=_vq_gan(vq),
        generation_embeddings=embedding(words, token),
        generation_aligner=_aligner(token, size, vq.get("num_hidden_layers", 2)),
        generation_head=module(
            proj_out=linear(vq.image_token_embed_dim, size, bias=True), vision_head=linear(size, words, bias=True)
        ),
    )


def _aligner(in_features: int, size: int, depth: int) -> Module:
    return module(
        fc1=linear(in_features, size, bias=True),
        hidden_layers=repeat(max(depth - 1, 0), linear(size, size, bias=True)),
    )


def _vision(c: Config) -> Module:
    """SigLIP, whose queries and keys may be normed."""
    size, heads = c.hidden_size, c.num_attention_heads
    norm = layer_norm(size) if c.get("use_qk_norm", False) else None
    self_attn = attention(
        size,
        heads,
        heads,
        head_size(c),
        bias=c.get("attention_bias", True),
        out_bias=True,
        names=("q_proj", "k_proj", "v_proj", "projection_layer"),
        cached=False,
        q_norm=norm,
        k_norm=norm,
    )
    layer = module(
        layer_norm1=layer_norm(size),
        self_attn=self_attn,
        layer_norm2=layer_norm(size),
        mlp=mlp(size, int(size * c.get("mlp_ratio", 4.0)), names=("fc1", "fc2")),
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
    widths = [c.base_channels * ratio for ratio in (1, *c.get("channel_multiplier", (1, 1, 2, 2, 4)))]
    last = len(widths) - 1
    levels: dict[str, Part] = {}
    for level in range(1, len(widths)):
        before, width = widths[level - 1], widths[level]
        changes = {"downsample": resampling(width if c.num_res_blocks else before)} if level != last else {}
        levels[str(level - 1)] = _level(before, width, c.num_res_blocks, changes, attends=level == last)
    seen = widths[-1] if c.num_res_blocks else widths[-2]
    out = 2 * c.latent_channels if c.get("double_latent", False) else c.latent_channels
    return module(
        conv_in=conv(c.base_channels, c.in_channels, 3, 3),
        down=module(levels),
        mid=_middle(seen),
        norm_out=group_norm(seen),
        conv_out=conv(out, seen, 3, 3),
    )


def _decoder(c: Config) -> Module:
    """The same backwards, with one block more a level."""
    widths = [c.base_channels * ratio for ratio in reversed(c.get("channel_multiplier", (1, 1, 2, 2, 4)))]
    before = [widths[0], *widths]
    levels: dict[str, Part] = {}
    for level, width in enumerate(widths):
        is_last = level == len(widths) - 1
        changes = {} if is_last else {"upsample": resampling(width)}
        levels[str(level)] = _level(before[level], width, c.num_res_blocks + 1, changes, attends=level == 0)
    return module(
        conv_in=conv(widths[0], c.latent_channels, 3, 3),
        mid=_middle(widths[0]),
        up=module(levels),
        norm_out=group_norm(widths[-1]),
        conv_out=conv(c.out_channels, widths[-1], 3, 3),
    )


def _level(before: int, width: int, num_blocks: int, changes: dict[str, Module], *, attends: bool) -> Module:
    widths = [before, *[width] * num_blocks]
    blocks = module({str(index): residual(widths[index], width) for index in range(num_blocks)})
    return module(changes, block=blocks, attn=repeat(num_blocks, _attention(width)) if attends else None)


def _middle(width: int) -> Module:
    return module(block_1=residual(width, width), attn_1=_attention(width), block_2=residual(width, width))


def _attention(width: int) -> Module:
    projection = conv(width, width, 1, 1)
    return module(norm=group_norm(width), q=projection, k=projection, v=projection, proj_out=projection)
