"""Qwen3-Next: linear attention in three of four layers, and experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.blocks.qwen_hybrid import hybrid_extras, qwen_hybrid_layer, qwen_hybrid_layer_types
from budsim_widgets.architectures.parts import stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen3_next", "Qwen3NextForCausalLM", extras=hybrid_extras)
def qwen3_next(c: Config) -> Module:
    """Experts as in Qwen 3, beside one that every token passes through."""
    kinds = zip(qwen_hybrid_layer_types(c), _sparse(c), strict=True)
    return causal_lm(
        c, stack(kinds, lambda kind, sparse: qwen_hybrid_layer(c, kind, sparse=sparse)), norm=rms_norm(c.hidden_size)
    )


def _sparse(c: Config) -> list[bool]:
    dense = set(c.get("mlp_only_layers", ()))
    return [
        index not in dense and c.num_experts > 0 and (index + 1) % c.decoder_sparse_step == 0
        for index in range(c.num_hidden_layers)
    ]
