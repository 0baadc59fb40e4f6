"""Florence-2: DaViT, which attends in windows of the picture and between its channels by turns, before a BART."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import BART, bart_encoder_decoder
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import is_tied_at_top
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("florence2", "Florence2ForConditionalGeneration", kind="multimodal")
def florence2(c: Config) -> Module:
    """BART's part ties its two embeddings, the top level ties the head to them."""
    return module(
        model=module(
            vision_tower=_davit(c.vision_config),
            multi_modal_projector=_projector(c.vision_config),
            language_model=bart_encoder_decoder(c.text_config, BART).children["model"],
        ),
        lm_head=head(c.text_config, tied=is_tied_at_top(c)),
    )


def _projector(c: Config) -> Module:
    """A position is learned for each row and for each column; they share the width."""
    embed_dim, rows = c.embed_dim[-1], c.max_position_embeddings
    return module(
        image_projection=linear(embed_dim, c.projection_dim),
        image_proj_norm=layer_norm(c.projection_dim),
        image_position_embed=module(
            row_embeddings=embedding(rows, embed_dim // 2),
            column_embeddings=embedding(rows, embed_dim - embed_dim // 2),
        ),
    )


def _davit(c: Config) -> Module:
    embed_dims, depths = c.embed_dim, c.depths
    fields = ("depths", "patch_size", "patch_prenorm", "num_heads")
    for field in fields:
        if len(c.fields.get(field) or ()) < len(embed_dims):
            raise inconsistent(field, f"`embed_dim` lists {len(embed_dims)} stages, but `{field}` lists fewer.")
    blocks = [repeat(depth, _block(c, embed_dim)) for depth, embed_dim in zip(depths, embed_dims, strict=False)]
    return module(
        convs=module({str(stage): _entry(c, stage) for stage in range(len(embed_dims))}),
        blocks=module({str(stage): block for stage, block in enumerate(blocks)}),
    )


def _entry(c: Config, stage: int) -> Module:
    """The convolution that leads into a stage; its norm stands before or behind."""
    embed_dim = c.embed_dim[stage]
    in_channels = c.embed_dim[stage - 1] if stage else c.in_channels
    kernel = c.patch_size[stage]
    return module(
        conv=conv(embed_dim, in_channels, kernel, kernel),
        norm=layer_norm(in_channels if c.patch_prenorm[stage] else embed_dim),
    )


def _block(c: Config, embed_dim: int) -> Module:
    attention = module(
        qkv=linear(embed_dim, 3 * embed_dim, bias=c.get("qkv_bias", True)), proj=linear(embed_dim, embed_dim, bias=True)
    )
    return module(
        spatial_block=_half(c, embed_dim, {"window_attn": attention}),
        channel_block=_half(c, embed_dim, {"channel_attn": attention}),
    )


def _half(c: Config, embed_dim: int, attention: Mapping[str, Module]) -> Module:
    by_channel, norm = conv(embed_dim, 1, 3, 3), layer_norm(embed_dim)
    return module(
        attention,
        conv1=by_channel,
        norm1=norm,
        conv2=by_channel,
        norm2=norm,
        ffn=mlp(embed_dim, int(embed_dim * c.mlp_ratio), names=("fc1", "fc2")),
    )
