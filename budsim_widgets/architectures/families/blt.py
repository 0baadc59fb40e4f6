"""BLT: bytes in patches. Small models encode and decode the bytes, a large one works on patches between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import head, pre_norm_layer
from budsim_widgets.architectures.blocks.vision import is_tied_at_top
from budsim_widgets.architectures.parts import Module, Stack, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_BYTE_GROUPS = (3, 4, 5, 6, 7, 8)


def _notes(c: Config) -> tuple[str, ...]:
    notes = ["A token is a byte: lengths are counted in bytes."]
    if "num_hidden_layers" not in c:
        notes.append(
            "transformers 5.23 fails to make a cache from this config; what one made by hand holds is counted."
        )
    return tuple(notes)


@family("blt", "BltForCausalLM", notes=_notes)
def blt(c: Config) -> Module:
    """The byte encoder and the byte decoder keep all keys and values; the patches are computed anew."""
    encoder, decoder, tied = c.encoder_config, c.decoder_config, is_tied_at_top(c)
    # Tied the other way round: the head's weight takes the embedding's place, with the head's shape.
    byte_embedding = (c.vocab_size, decoder.hidden_size) if tied else (encoder.vocab_size, encoder.hidden_size)
    num_tables = c.encoder_hash_byte_group_nb_functions * len(c.get("encoder_hash_byte_group_size") or _BYTE_GROUPS)
    return module(
        model=module(
            local_encoder=_local(encoder, encoder.hidden_size, embed_tokens=embedding(*byte_embedding)),
            global_transformer=_global(c.global_config, encoder.hidden_size * c.cross_attn_k),
            local_decoder=_local(decoder, decoder.hidden_size_global, norm=rms_norm(decoder.hidden_size)),
            encoder_hash_tok_embedding=embedding(c.encoder_hash_byte_group_vocab * num_tables, encoder.hidden_size),
            patcher=_patcher(c.patcher_config) if c.get("patch_in_forward", False) else None,
        ),
        lm_head=head(c, hidden_size=decoder.hidden_size, tied=tied),
    )


def _local(c: Config, patch_size: int, **more: Module) -> Module:
    """Layers for bytes, some of which attend to patches, or patches to them, through a projection."""
    num_cross_attention_layers = c.num_hidden_layers if c.get("cross_attn_all_layers", False) else 1
    norm = rms_norm(c.hidden_size)
    return module(
        dict(more),
        layers=_layers(c, cached=True),
        patch_embedding_projection=linear(patch_size, c.hidden_size * c.cross_attn_k),
        cross_attn_layers=repeat(
            num_cross_attention_layers, module(_attention(c, cached=False).children, q_norm=norm, k_norm=norm)
        ),
    )


def _global(c: Config, patch_size: int) -> Module:
    projection = linear(patch_size, c.hidden_size) if patch_size != c.hidden_size else None
    return module(layers=_layers(c, cached=False), token_embedding_projection=projection)


def _patcher(c: Config) -> Module:
    """A language model whose entropy at a byte ends a patch."""
    return module(
        layers=_layers(c, cached=False),
        embed_tokens=embedding(c.vocab_size, c.hidden_size),
        norm=rms_norm(c.hidden_size),
        lm_head=head(c, tied=False),
    )


def _layers(c: Config, *, cached: bool) -> Stack:
    intermediate_size = c.get("intermediate_size") or int(8 * c.hidden_size / 3)
    layer = pre_norm_layer(c.hidden_size, _attention(c, cached=cached), gated_mlp(c.hidden_size, intermediate_size))
    return repeat(c.num_hidden_layers, layer)


def _attention(c: Config, *, cached: bool) -> Module:
    num_attention_heads = c.num_attention_heads
    return attention(
        c.hidden_size, num_attention_heads, c.num_key_value_heads, c.hidden_size // num_attention_heads, cached=cached
    )
