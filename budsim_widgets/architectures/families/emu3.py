"""Emu 3: a Llama to which pictures and videos are tokens of a VQ-VAE."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, gated_mlp, layer_norm, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, head, pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.vision import VIT_PROJECTIONS, is_tied_at_top, unbuilt_towers
from budsim_widgets.architectures.blocks.vq_gan import group_norm, resampling, residual
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part, Stack


@family("emu3", "Emu3ForConditionalGeneration", kind="multimodal")
def emu3(c: Config) -> Module:
    """The top level ties the head."""
    text = c.text_config
    return module(
        model=module(text_model=emu3_text(text).children["model"], vqmodel=_vq_vae(c.vq_config)),
        lm_head=head(text, tied=is_tied_at_top(c)),
    )


@family("emu3", "Emu3ForCausalLM", extras=lambda c, _: unbuilt_towers(emu3(c), text_name="text_model"))
def emu3_without_pictures(c: Config) -> Module:
    """The language model alone, from the config of the whole."""
    return emu3_text(c.text_config)


@family("emu3_text_model", "Emu3ForCausalLM")
def emu3_text(c: Config) -> Module:
    """Llama."""
    layer = pre_norm_layer(
        c.hidden_size,
        self_attention(c, bias=c.get("attention_bias", False)),
        gated_mlp(c.hidden_size, c.intermediate_size, bias=c.get("mlp_bias", False)),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


def _vq_vae(c: Config) -> Module:
    token, latent = c.embed_dim, c.get("latent_channels", 4)
    return module(
        encoder=_encoder(c, latent),
        decoder=_decoder(c, latent),
        quantize=module(embedding=embedding(c.get("codebook_size", 32768), token)),
        quant_conv=module(conv=conv(token, latent, 3, 1, 1)),
        post_quant_conv=module(conv=conv(latent, token, 3, 1, 1)),
    )


def _level_channels(c: Config) -> list[int]:
    base = c.get("base_channels", 256)
    return [base * ratio for ratio in c.get("channel_multiplier", (1, 2, 2, 4))]


def _encoder(c: Config, latent: int) -> Module:
    """Each level but the last halves the picture; what it yields is halved in time as well."""
    level_channels, base = _level_channels(c), c.get("base_channels", 256)
    out = 2 * latent if c.get("double_latent", False) else latent
    blocks = c.get("num_res_blocks", 2)
    levels: dict[str, Part] = {}
    for level, (in_channels, out_channels) in enumerate(zip([base, *level_channels], level_channels, strict=False)):
        changes = (
            {}
            if level == len(level_channels) - 1
            else {"downsample": resampling(out_channels if blocks else in_channels)}
        )
        levels[str(level)] = _level(c, level, [in_channels, *[out_channels] * blocks], group_norm, changes)
    return module(
        conv_in=conv(base, c.in_channels, 3, 3),
        down_block=module(down=module(levels)),
        middle_block=_middle(c, level_channels[-1], group_norm),
        norm_out=group_norm(level_channels[-1]),
        conv_out=conv(out, level_channels[-1], 3, 3),
        time_conv=_over_time(c, out, 4),
        time_res_stack=repeat(blocks, _time_residual(out)),
    )


def _decoder(c: Config, latent: int) -> Module:
    """The same backwards, with one block more a level and norms that take the tokens too."""
    level_channels, blocks = _level_channels(c), c.get("num_res_blocks", 2)

    def norm(channels: int) -> Module:
        token_conv = conv(channels, c.embed_dim, 1, 1)
        return module(norm_layer=group_norm(channels), conv_y=token_conv, conv_b=token_conv)

    levels: dict[str, Part] = {}
    for level, (out_channels, in_channels) in enumerate(
        zip(level_channels, [*level_channels[1:], level_channels[-1]], strict=True)
    ):
        changes = {"upsample": resampling(out_channels)} if level else {}
        levels[str(level)] = _level(c, level, [in_channels, *[out_channels] * (blocks + 1)], norm, changes)
    return module(
        time_res_stack=repeat(blocks, _time_residual(latent)),
        time_conv=_over_time(c, latent, 3),
        conv_in=conv(level_channels[-1], latent, 3, 3),
        middle_block=_middle(c, level_channels[-1], norm),
        up_block=module(up=module(levels)),
        norm_out=norm(level_channels[0]),
        conv_out=conv(c.get("out_channels", 3), level_channels[0], 3, 3),
    )


def _level(
    c: Config, level: int, block_channels: Sequence[int], norm: Callable[[int], Module], changes: dict[str, Module]
) -> Module:
    count, out_channels = len(block_channels) - 1, block_channels[-1]
    blocks = module({str(index): residual(block_channels[index], out_channels, norm) for index in range(count)})
    if level not in c.get("attn_resolutions", (3,)):
        return module(changes, block=blocks)
    return module(
        changes, block=blocks, attn=repeat(count, _attention(c)), attn_norms=repeat(count, norm(out_channels))
    )


def _middle(c: Config, channels: int, norm: Callable[[int], Module]) -> Module:
    block = residual(channels, channels, norm)
    return module(block_1=block, attn_1=_attention(c), attn_norm=norm(channels), block_2=block)


def _attention(c: Config) -> Module:
    hidden_size, num_attention_heads = c.get("hidden_size", 1024), c.num_attention_heads
    if hidden_size % num_attention_heads:
        raise inconsistent(
            "num_attention_heads", f"`hidden_size` {hidden_size} can't be shared among {num_attention_heads} heads."
        )
    return attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size // num_attention_heads,
        bias=True,
        names=VIT_PROJECTIONS,
        cached=False,
    )


def _over_time(c: Config, channels: int, frames: int) -> Stack:
    """Each of these convolutions halves or doubles the frames."""
    count = int(log2(c.get("temporal_downsample_factor", 4)))
    layer = module(conv=module(conv=conv(channels, channels, frames, 3, 3)))
    return repeat(count, layer)


def _time_residual(channels: int) -> Module:
    over_time = module(conv=conv(channels, channels, 3, 3, 3))
    return module(norm1=layer_norm(channels), conv1=over_time, norm2=layer_norm(channels), conv2=over_time)
