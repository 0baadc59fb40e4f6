"""Hunyuan 4's decoder: DeepSeek V3.2 with gated outputs, sinks and hyper-connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.hyper_connections import hyper_head
from budsim_widgets.architectures.blocks.indexed_attention import indexed_attention, indexer_types, sparse_or_dense
from budsim_widgets.architectures.blocks.layers import linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, pre_norm_layer, sparse_layers
from budsim_widgets.architectures.parts import Weight, extended, module, stack

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def hy_v4_decoder(c: Config) -> Module:
    """Each fourth layer has an indexer, whose choice the layers behind it use; the first layer is dense."""
    hidden_size, connection = c.hidden_size, _connection(c)
    given_layer_types(c, "indexed_attention")
    indexers = indexer_types(c) if "indexer_types" in c else _default_indexers(c)

    def layer(indexer: str, sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        gate = linear(hidden_size, c.num_attention_heads * c.v_head_dim)
        self_attn = extended(
            indexed_attention(c, indexer), {"gate_proj": gate, "sinks": Weight((c.num_attention_heads,))}
        )
        feed_forward = sparse_or_dense(c, sparse=sparse)
        return pre_norm_layer(hidden_size, self_attn, feed_forward, attn_hc=connection, ffn_hc=connection)

    kinds = zip(indexers, sparse_layers(c, dense=1), strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size), hc_head=hyper_head(c))


def _connection(c: Config) -> Module:
    """What mixes the `hc_mult` streams of a hyper-connection before and behind a block."""
    mixes = 2 * c.hc_mult
    return module(fn=Weight((mixes, c.hc_mult * c.hidden_size)), base=Weight((mixes,)), scale=Weight((2,)))


def _default_indexers(c: Config) -> list[str]:
    return ["shared" if index and (index - 1) % 4 else "full" for index in range(c.num_hidden_layers)]
