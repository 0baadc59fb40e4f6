"""Meta's translators: M2M-100, and NLLB with experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import (
    M2M,
    bart_decoder_layer,
    bart_encoder_decoder,
    bart_encoder_layer,
    bart_joined,
    bart_side,
)
from budsim_widgets.architectures.blocks.layers import layer_norm, mlp, router
from budsim_widgets.architectures.parts import module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("m2m_100", "M2M100ForConditionalGeneration")
def m2m_100(c: Config) -> Module:
    """Computed positions."""
    return bart_encoder_decoder(c, M2M)


_NLLB_EXPERTS_PER_TOKEN = 2


@family("nllb-moe", "NllbMoeForConditionalGeneration")
def nllb_moe(c: Config) -> Module:
    """M2M-100 with experts in every n-th layer, two of them for each token."""
    shared = c.tie_word_embeddings

    def half(num_layers: int, step: int, intermediate_size: int, layer: Module) -> Module:
        is_sparse = [step > 0 and (index + 1) % step == 0 for index in range(num_layers)]
        layers = stack(is_sparse, lambda sparse: _nllb_layer(c, layer, intermediate_size, is_sparse=sparse))
        return bart_side(c, M2M, layers, shared=shared)

    return bart_joined(
        c,
        half(c.encoder_layers, c.encoder_sparse_step, c.encoder_ffn_dim, bart_encoder_layer(c)),
        half(c.decoder_layers, c.decoder_sparse_step, c.decoder_ffn_dim, bart_decoder_layer(c)),
    )


def _nllb_layer(c: Config, usual: Module, intermediate_size: int, *, is_sparse: bool) -> Module:
    feed_forward = mlp(c.d_model, intermediate_size, names=("fc1", "fc2"))
    if is_sparse:
        share = (min(_NLLB_EXPERTS_PER_TOKEN, c.num_experts), c.num_experts)
        expert = module(feed_forward.children, active_share=share)
        feed_forward = module(
            router=module(classifier=router(c.num_experts, c.d_model, bias=c.router_bias)),
            experts=repeat(c.num_experts, expert, prefix="expert_"),
        )
    renamed = {"encoder_attn": "cross_attention", "encoder_attn_layer_norm": "cross_attention_layer_norm"}
    return module(
        {
            **{renamed.get(name, name): part for name, part in usual.children.items()},
            "fc1": None,
            "fc2": None,
            "final_layer_norm": None,
            "ffn": feed_forward,
            "ff_layer_norm": layer_norm(c.d_model),
        }
    )
