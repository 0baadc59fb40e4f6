"""ESM 2 and ESM C, encoders of proteins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.bert import roberta_lm_head
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("esm", "EsmForMaskedLM")
def esm(c: Config) -> Module:
    """A further head predicts from the attention of all heads which parts of a protein touch."""
    hidden_size, has_position_embeddings = c.hidden_size, c.get("position_embedding_type") == "absolute"
    return module(
        esm=module(
            embeddings=module(
                word_embeddings=embedding(c.vocab_size, hidden_size),
                layer_norm=layer_norm(hidden_size) if c.get("emb_layer_norm_before") else None,
                position_embeddings=embedding(c.max_position_embeddings, hidden_size)
                if has_position_embeddings
                else None,
            ),
            encoder=module(layer=repeat(c.num_hidden_layers, _layer(c)), emb_layer_norm_after=layer_norm(hidden_size)),
            contact_head=module(regression=linear(c.num_hidden_layers * c.num_attention_heads, 1, bias=True)),
        ),
        lm_head=extended(roberta_lm_head(c), {"decoder": head(c)}),
    )


def _layer(c: Config) -> Module:
    """As a decoder it may attend to an encoder too, but it keeps nothing."""
    hidden_size, reads_encoder = c.hidden_size, c.get("add_cross_attention", False)
    if reads_encoder and not c.get("is_decoder", False):
        raise inconsistent(
            "add_cross_attention", "`add_cross_attention` is set, but only a decoder (`is_decoder`) can."
        )
    return module(
        attention=_attention(c),
        crossattention=_attention(c) if reads_encoder else None,
        intermediate=module(dense=linear(hidden_size, c.intermediate_size, bias=True)),
        output=module(dense=linear(c.intermediate_size, hidden_size, bias=True)),
        LayerNorm=layer_norm(hidden_size),
    )


def _attention(c: Config) -> Module:
    hidden_size = c.hidden_size
    all_head_size = c.num_attention_heads * hidden_size_per_head(c)
    projection = linear(hidden_size, all_head_size, bias=True)
    return module(
        {
            "self": module(query=projection, key=projection, value=projection),
            "output": module(dense=linear(hidden_size, hidden_size, bias=True)),
            "LayerNorm": layer_norm(hidden_size),
        }
    )


@family("esmc", "EsmcForMaskedLM")
def esmc(c: Config) -> Module:
    """ESM C: Llama without a causal mask, with norms of all heads at once, and a head of its own."""
    hidden_size = c.hidden_size
    norm = layer_norm(hidden_size, bias=False)
    self_attn = attention(
        hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=c.attention_bias,
        cached=False,
        q_norm=norm,
        k_norm=norm,
    )
    layer = module(
        self_attn=self_attn,
        mlp=gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return module(
        esmc=module(
            embed_tokens=embedding(c.vocab_size, hidden_size), layers=repeat(c.num_hidden_layers, layer), norm=norm
        ),
        lm_head=module(
            dense=linear(hidden_size, hidden_size, bias=True),
            layer_norm=layer_norm(hidden_size),
            decoder=linear(hidden_size, c.vocab_size, bias=True, role="head"),
        ),
    )
