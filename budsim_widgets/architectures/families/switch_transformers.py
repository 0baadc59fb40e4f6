"""Switch Transformers: T5 with one of many experts for each token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, mlp, router
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.t5 import t5_block, t5_side
from budsim_widgets.architectures.parts import extended, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Stack


@family("switch_transformers", "SwitchTransformersForConditionalGeneration")
def switch_transformers(c: Config) -> Module:
    """T5 with experts in every n-th layer."""
    tied = c.tie_word_embeddings
    num_decoder_layers = c.get("num_decoder_layers", c.num_layers)
    read_step = c.get("encoder_sparse_step", _step(c.num_layers, c.num_sparse_encoder_layers))
    write_step = c.get("decoder_sparse_step", _step(num_decoder_layers, c.num_sparse_decoder_layers))
    table = embedding(c.vocab_size, c.d_model)

    def side(count: int, step: int, *, decodes: bool) -> Module:
        blocks = _blocks(c, count, step, decodes=decodes)
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


def _blocks(c: Config, count: int, step: int, *, decodes: bool) -> Stack:
    def block(is_first: bool, is_sparse: bool) -> Module:  # noqa: FBT001 - in which the blocks differ
        return t5_block(c, decodes=decodes, positions=is_first, feed_forward=_feed_forward(c, is_sparse=is_sparse))

    return stack(
        ((index == 0, step == 1 or (step > 1 and index % step == 1)) for index in range(count)),
        block,
    )


def _feed_forward(c: Config, *, is_sparse: bool) -> Module:
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
