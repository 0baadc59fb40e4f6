"""LongT5, which reads long texts in parts, and Switch Transformers, which have one of many experts for each token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.families.t5 import t5_attention, t5_block, t5_notes, t5_side
from budsim_widgets.architectures.parts import Module, Stack, extended, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("longt5", "LongT5ForConditionalGeneration", notes=t5_notes)
def longt5(c: Config) -> Module:
    """T5 whose encoder attends to windows, and by choice to a summary of each block of tokens."""
    num_decoder_layers = c.get("num_decoder_layers", c.num_layers)

    def encoder_block(is_first: bool) -> Module:  # noqa: FBT001 - in which the blocks differ
        return t5_block(c, decodes=False, positions=is_first, reading=_long_attention(c, positions=is_first))

    def decoder_block(is_first: bool) -> Module:  # noqa: FBT001 - in which the blocks differ
        return t5_block(c, decodes=True, positions=is_first)

    return module(
        shared=embedding(c.vocab_size, c.d_model),
        encoder=t5_side(c, stack((index == 0 for index in range(c.num_layers)), encoder_block)),
        decoder=t5_side(c, stack((index == 0 for index in range(num_decoder_layers)), decoder_block)),
    )


def _long_attention(c: Config, *, positions: bool) -> Module:
    if c.get("encoder_attention_type", "local") == "local":
        return module(LocalSelfAttention=t5_attention(c, positions=positions))
    table = embedding(c.relative_attention_num_buckets, c.num_heads) if positions else None
    return module(
        TransientGlobalSelfAttention=t5_attention(
            c,
            positions=positions,
            global_relative_attention_bias=table,
            global_input_layer_norm=rms_norm(c.d_model),
        )
    )


@family("switch_transformers", "SwitchTransformersForConditionalGeneration")
def switch_transformers(c: Config) -> Module:
    """T5 with experts in every n-th layer."""
    tied = c.tie_word_embeddings
    num_decoder_layers = c.get("num_decoder_layers", c.num_layers)
    read_step = c.get("encoder_sparse_step", _step(c.num_layers, c.num_sparse_encoder_layers))
    write_step = c.get("decoder_sparse_step", _step(num_decoder_layers, c.num_sparse_decoder_layers))
    table = embedding(c.vocab_size, c.d_model)

    def side(count: int, step: int, *, decodes: bool) -> Module:
        blocks = _switch_blocks(c, count, step, decodes=decodes)
        return extended(t5_side(c, blocks), {"embed_tokens": None if tied else table})

    return module(
        shared=table,
        encoder=side(c.num_layers, read_step, decodes=False),
        decoder=side(num_decoder_layers, write_step, decodes=True),
        lm_head=head(c),
    )


def _step(num_layers: int, num_sparse: int) -> int:
    """Each how many-th layer has experts, as the class derives it."""
    return num_layers // num_sparse if num_sparse > 0 else num_layers


def _switch_blocks(c: Config, count: int, step: int, *, decodes: bool) -> Stack:
    def block(is_first: bool, is_sparse: bool) -> Module:  # noqa: FBT001 - in which the blocks differ
        return t5_block(c, decodes=decodes, positions=is_first, feeding=_switch_feed_forward(c, is_sparse=is_sparse))

    return stack(
        ((index == 0, step == 1 or (step > 1 and index % step == 1)) for index in range(count)),
        block,
    )


def _switch_feed_forward(c: Config, *, is_sparse: bool) -> Module:
    dense = mlp(c.d_model, c.d_ff, bias=False, names=("wi", "wo"))
    if not is_sparse:
        return module(mlp=dense)
    expert = module(dense.children, active_share=(1, c.num_experts))
    return module(
        mlp=module(
            router=module(classifier=router(c.num_experts, c.d_model, bias=c.router_bias)),
            experts=repeat(c.num_experts, expert, prefix="expert_"),
        )
    )
