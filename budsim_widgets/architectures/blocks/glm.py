"""The decoder of GLM 4.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.indexed_attention import sparse_or_dense
from budsim_widgets.architectures.blocks.layers import rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, experts_from, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import stack

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def glm_moe_decoder(c: Config) -> Module:
    """DeepSeek's experts behind grouped queries, dense layers first."""
    qk_norm = rms_norm(c.head_dim) if c.use_qk_norm else None
    self_attn = self_attention(c, bias=c.attention_bias, out_bias=False, qk_norm=qk_norm)

    def layer(sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        return pre_norm_layer(c.hidden_size, self_attn, sparse_or_dense(c, sparse=sparse))

    sparse = experts_from(c, c.first_k_dense_replace)
    return causal_lm(c, stack(sparse, layer), norm=rms_norm(c.hidden_size))
