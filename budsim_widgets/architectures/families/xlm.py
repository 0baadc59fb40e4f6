"""XLM and FlauBERT: layers stored by kind of block instead of by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_PROJECTIONS = ("q_lin", "k_lin", "v_lin", "out_lin")


@family("flaubert", "FlaubertWithLMHeadModel")
@family("xlm", "XLMWithLMHeadModel")
def xlm(c: Config) -> Module:
    """Encoders, even where `causal`: they keep nothing from one token to the next."""
    emb_dim, n_heads, count = c.emb_dim, c.n_heads, c.n_layers
    has_language_embeddings = c.n_langs > 1 and c.get("use_lang_emb", True)
    self_attn = attention(emb_dim, n_heads, n_heads, emb_dim // n_heads, bias=True, names=_PROJECTIONS, cached=False)
    return module(
        transformer=module(
            position_embeddings=embedding(c.max_position_embeddings, emb_dim),
            lang_embeddings=embedding(c.n_langs, emb_dim) if has_language_embeddings else None,
            embeddings=embedding(c.vocab_size, emb_dim),
            layer_norm_emb=layer_norm(emb_dim),
            attentions=repeat(count, self_attn),
            layer_norm1=repeat(count, layer_norm(emb_dim)),
            ffns=repeat(count, mlp(emb_dim, 4 * emb_dim, names=("lin1", "lin2"))),
            layer_norm2=repeat(count, layer_norm(emb_dim)),
        ),
        pred_layer=module(proj=head(c, bias=True)),
    )
