"""Evolla: a Llama that attends to proteins, which SaProt encodes and learned queries compress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("evolla", "EvollaForProteinText2Text", kind="multimodal")
def evolla(c: Config) -> Module:
    """Some layers, evenly spread, attend to the protein as well; the head is never tied."""
    if not c.aligner_num_add_layers:
        raise inconsistent("aligner_num_add_layers", "`aligner_num_add_layers` is 0, but some layers read the protein.")
    hidden_size, every = c.hidden_size, max(c.num_hidden_layers // c.aligner_num_add_layers, 1)

    def layer(has_cross_attention: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        self_attn, feed_forward = (
            self_attention(c, bias=c.attention_bias),
            gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
        )
        return pre_norm_layer(
            hidden_size, self_attn, feed_forward, adapter=_adapter(c) if has_cross_attention else None
        )

    return module(
        model=module(
            embed_tokens=embedding(c.vocab_size, hidden_size),
            protein_encoder=module(
                model=_saprot(c.protein_encoder_config), sequence_compressor_resampler=_resampler(c)
            ),
            layers=stack(((index + 1) % every == 0 for index in range(c.num_hidden_layers)), layer),
            norm=rms_norm(hidden_size),
        ),
        lm_head=linear(hidden_size, c.vocab_size, role="head"),
    )


def _adapter(c: Config) -> Module:
    """Gated attention to the protein, which keeps nothing, and a gated feed-forward block."""
    hidden_size = c.hidden_size
    projection = linear(hidden_size, hidden_size, bias=True)
    return module(
        gate_attention=Weight((1,)),
        gate_ffw=Weight((1,)),
        query=projection,
        key_protein=projection,
        value_protein=projection,
        attention_norm=rms_norm(hidden_size),
        out_proj=linear(hidden_size, hidden_size, bias=c.aligner_enable_bias),
        ff=_feed_forward(hidden_size, c.aligner_ffn_mult),
    )


def _feed_forward(hidden_size: int, mult: int) -> Module:
    return module(
        norm=layer_norm(hidden_size),
        fc1=linear(hidden_size, hidden_size * mult),
        fc2=linear(hidden_size * mult, hidden_size),
    )


def _resampler(c: Config) -> Module:
    protein_encoder_hidden_size, inner_dim = (
        c.protein_encoder_config.hidden_size,
        c.resampler_dim_head * c.resampler_heads,
    )
    attention = module(
        norm_media=layer_norm(protein_encoder_hidden_size),
        norm_latents=layer_norm(protein_encoder_hidden_size),
        to_q=linear(protein_encoder_hidden_size, inner_dim),
        to_kv=linear(protein_encoder_hidden_size, 2 * inner_dim),
        to_out=linear(inner_dim, protein_encoder_hidden_size),
    )
    layer = module({"0": attention, "1": _feed_forward(protein_encoder_hidden_size, c.resampler_ff_mult)})
    return module(
        latents=Weight((c.resampler_num_latents, protein_encoder_hidden_size)),
        layers=repeat(c.resampler_depth, layer),
        norm=layer_norm(c.hidden_size),
        protein_projector=linear(protein_encoder_hidden_size, c.hidden_size, bias=True),
    )


def _saprot(c: Config) -> Module:
    """ESM-2: BERT with the norms in front and rotary positions, unless told otherwise."""
    hidden_size = c.hidden_size
    learned = c.get("position_embedding_type", "rotary") == "absolute"
    layer = module(
        attention=_attention(hidden_size),
        crossattention=_attention(hidden_size) if c.add_cross_attention else None,
        intermediate=module(dense=linear(hidden_size, c.intermediate_size, bias=True)),
        output=module(dense=linear(c.intermediate_size, hidden_size, bias=True)),
        LayerNorm=layer_norm(hidden_size),
    )
    return module(
        embeddings=module(
            word_embeddings=embedding(c.vocab_size, hidden_size),
            layer_norm=layer_norm(hidden_size) if c.emb_layer_norm_before else None,
            position_embeddings=embedding(c.max_position_embeddings, hidden_size) if learned else None,
        ),
        encoder=module(layer=repeat(c.num_hidden_layers, layer), emb_layer_norm_after=layer_norm(hidden_size)),
    )


def _attention(hidden_size: int) -> Module:
    projection = linear(hidden_size, hidden_size, bias=True)
    return module(
        {"self": module(query=projection, key=projection, value=projection)},
        output=module(dense=projection),
        LayerNorm=layer_norm(hidden_size),
    )
