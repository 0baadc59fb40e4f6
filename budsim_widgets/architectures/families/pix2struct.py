"""Pix2Struct: an encoder that sees patches of pictures of any shape, and a decoder like T5's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, kv_cache
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import is_tied_at_top
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.parts import Module, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config

_GATED = ("wi_0", "wi_1", "wo")


@family("pix2struct", "Pix2StructForConditionalGeneration")
def pix2struct(c: Config) -> Module:
    """The top level ties the head, whatever the text's part says."""
    vision = c.vision_config
    encoder = pix2struct_vision(vision, vision.d_kv, vision.d_ff, vision.seq_len)
    return module(encoder=encoder, decoder=_decoder(c.text_config, tied=is_tied_at_top(c)))


def pix2struct_vision(c: Config, head_dim: int, intermediate_size: int, num_positions: int) -> Module:
    """The encoder: patches come flattened and know their row and column.

    Args:
        c: The config: `hidden_size`, `num_attention_heads`, `num_hidden_layers`, `patch_embed_hidden_size`.
        head_dim: Dimension of a head.
        intermediate_size: Intermediate size of the feed-forward block.
        num_positions: Rows and columns that have a position.
    """
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    names = ("query", "key", "value", "output")
    layer = module(
        attention=attention(hidden_size, num_attention_heads, num_attention_heads, head_dim, names=names, cached=False),
        mlp=gated_mlp(hidden_size, intermediate_size, names=_GATED),
        pre_mlp_layer_norm=rms_norm(hidden_size),
        pre_attention_layer_norm=rms_norm(hidden_size),
    )
    return module(
        embeddings=module(
            patch_projection=linear(c.patch_embed_hidden_size, hidden_size, bias=True),
            row_embedder=embedding(num_positions, hidden_size),
            column_embedder=embedding(num_positions, hidden_size),
        ),
        encoder=module(layer=repeat(c.num_hidden_layers, layer)),
        layernorm=rms_norm(hidden_size),
    )


def _decoder(c: Config, *, tied: bool) -> Module:
    hidden_size, num_heads = c.hidden_size, c.num_heads
    own = kv_cache(num_heads, num_heads, c.d_kv)
    of_picture = CrossAttentionCache(
        num_attention_heads=num_heads, num_key_value_heads=num_heads, key_head_dim=c.d_kv, value_head_dim=c.d_kv
    )

    def layer(is_first: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        table = embedding(c.relative_attention_num_buckets, num_heads) if is_first else None
        return module(
            self_attention=module(attention=_attention(hidden_size, own, table), layer_norm=rms_norm(hidden_size)),
            encoder_decoder_attention=module(
                attention=_attention(hidden_size, of_picture, None), layer_norm=rms_norm(hidden_size)
            ),
            mlp=module(DenseReluDense=gated_mlp(hidden_size, c.d_ff, names=_GATED), layer_norm=rms_norm(hidden_size)),
        )

    return module(
        embed_tokens=embedding(c.vocab_size, hidden_size),
        layer=stack((index == 0 for index in range(c.num_layers)), layer),
        final_layer_norm=rms_norm(hidden_size),
        lm_head=head(c, tied=tied),
    )


def _attention(hidden_size: int, cache: LayerCache, distances: Module | None) -> Module:
    """As wide as the model; the first layer learns what a distance between tokens means, for all."""
    projection = linear(hidden_size, hidden_size)
    return module(
        query=projection,
        key=projection,
        value=projection,
        output=projection,
        relative_attention_bias=distances,
        cache=cache,
    )
