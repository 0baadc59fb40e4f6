"""Pix2Struct: an encoder of patches of pictures of any shape, and a decoder like T5's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.pix2struct import PIX2STRUCT_GATED, pix2struct_vision
from budsim_widgets.architectures.blocks.vision import is_tied_at_top
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("pix2struct", "Pix2StructForConditionalGeneration")
def pix2struct(c: Config) -> Module:
    """The top level ties the head, whatever the text's part says."""
    vision = c.vision_config
    encoder = pix2struct_vision(vision, vision.d_kv, vision.d_ff, vision.seq_len)
    return module(encoder=encoder, decoder=_decoder(c.text_config, tied=is_tied_at_top(c)))


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
            mlp=module(
                DenseReluDense=gated_mlp(hidden_size, c.d_ff, names=PIX2STRUCT_GATED), layer_norm=rms_norm(hidden_size)
            ),
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
