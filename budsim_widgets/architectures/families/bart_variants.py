"""Those further from BART: Marian, MVP, Pegasus-X, TrOCR, FSMT and NLLB-MoE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import cross_attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mlp, router
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.families.bart import (
    BART,
    M2M,
    PROJECTIONS,
    Style,
    decoder,
    decoder_layer,
    decoder_only,
    encoder,
    encoder_layer,
    joined,
    side,
)
from budsim_widgets.architectures.parts import Module, extended, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_MARIAN = Style()
_NLLB_EXPERTS_PER_TOKEN = 2
_FSMT_PADDING_TOKEN = 1


@family("marian", "MarianMTModel")
def marian(c: Config) -> Module:
    """Computed positions that are stored; source and target may have a vocabulary each."""
    d_model, shares, tied = c.d_model, c.share_encoder_decoder_embeddings, c.tie_word_embeddings
    target = c.vocab_size if shares else _target_vocabulary(c)
    return module(
        model=module(
            shared=embedding(c.vocab_size, d_model) if shares else None,
            encoder=encoder(c, _MARIAN, shared=tied and shares),
            decoder=_marian_side(c, shared=tied and shares, alone=False),
        ),
        lm_head=None if tied else linear(d_model, target, role="head"),
    )


@family("marian", "MarianForCausalLM")
def marian_decoder(c: Config) -> Module:
    """Marian's decoder."""
    return module(model=module(decoder=_marian_side(c, shared=False, alone=True)), lm_head=head(c))


def _marian_side(c: Config, *, shared: bool, alone: bool) -> Module:
    table = None if shared else embedding(_target_vocabulary(c), c.d_model)
    return extended(decoder(c, _MARIAN, shared=shared, alone=alone), {"embed_tokens": table})


def _target_vocabulary(c: Config) -> int:
    return int(c.get("decoder_vocab_size") or c.vocab_size)


@family("mvp", "MvpForConditionalGeneration")
def mvp(c: Config) -> Module:
    """BART, with prompts for each task where it has them; transformers 5 builds those of the decoder alone."""
    shared = c.tie_word_embeddings
    reading, writing = encoder(c, BART, shared=shared), decoder(c, BART, shared=shared)
    if c.use_prompt:
        asked = _prompt(c, c.decoder_layers)
        writing = extended(writing, {"self_attn_prompt": asked, "cross_attn_prompt": asked})
    return joined(c, reading, writing)


def _prompt(c: Config, num_layers: int) -> Module:
    d_model, middle = c.d_model, c.get("prompt_mid_dim", 800)
    trans = {
        "0": linear(d_model, middle, bias=True),
        "2": linear(middle, num_layers * 2 * d_model, bias=True),
    }
    return module(prompt_embedding=embedding(c.get("prompt_length", 100), d_model), prompt_trans=module(trans))


@family("mvp", "MvpForCausalLM")
def mvp_decoder(c: Config) -> Module:
    """MVP's decoder, without prompts."""
    return decoder_only(c, BART)


@family("pegasus_x", "PegasusXForConditionalGeneration")
def pegasus_x(c: Config) -> Module:
    """Attention to blocks and to some global tokens, without biases."""
    style, shared = Style(spare_positions=None, last_norm=True), c.tie_word_embeddings
    layer = extended(encoder_layer(c, bias=False), {"global_self_attn_layer_norm": layer_norm(c.d_model)})
    reading = side(c, style, repeat(c.encoder_layers, layer), shared=shared)
    writing = side(c, style, repeat(c.decoder_layers, decoder_layer(c, bias=False)), shared=shared)
    return joined(c, extended(reading, {"embed_global": embedding(c.num_global_tokens, c.d_model)}), writing)


@family("trocr", "TrOCRForCausalLM")
def trocr(c: Config) -> Module:
    """BART's decoder; what it reads may be of another hidden size."""
    d_model, decoder_attention_heads = c.d_model, c.decoder_attention_heads
    crossing = cross_attention(
        d_model,
        decoder_attention_heads,
        d_model // decoder_attention_heads,
        bias=True,
        source_hidden_size=c.get("cross_attention_hidden_size"),
        names=PROJECTIONS,
        cached=False,
    )
    layer = extended(decoder_layer(c, alone=True), {"encoder_attn": crossing})
    style = Style(
        spare_positions=2 if c.use_learned_position_embeddings else None, embedding_norm=c.layernorm_embedding
    )
    writing = side(c, style, repeat(c.decoder_layers, layer), shared=False)
    return module(model=module(decoder=writing), output_projection=head(c))


@family("fsmt", "FSMTForConditionalGeneration")
def fsmt(c: Config) -> Module:
    """A vocabulary for each language; where tied, the target's serves both under the encoder's name."""
    d_model, tied = c.d_model, c.tie_word_embeddings
    rows = c.max_position_embeddings + c.get("pad_token_id", _FSMT_PADDING_TOKEN) + 1
    style, positions = Style(spare_positions=None), embedding(rows, d_model)
    source = c.tgt_vocab_size if tied else c.src_vocab_size
    reading = side(c, style, repeat(c.encoder_layers, encoder_layer(c)), shared=True)
    writing = side(c, style, repeat(c.decoder_layers, decoder_layer(c)), shared=True)
    return module(
        model=module(
            encoder=extended(reading, {"embed_tokens": embedding(source, d_model), "embed_positions": positions}),
            decoder=extended(
                writing,
                {
                    "embed_tokens": None if tied else embedding(c.tgt_vocab_size, d_model),
                    "embed_positions": positions,
                    "output_projection": head(c, hidden_size=d_model),
                },
            ),
        )
    )


@family("nllb-moe", "NllbMoeForConditionalGeneration")
def nllb_moe(c: Config) -> Module:
    """M2M-100 with experts in every n-th layer, two of them for each token."""
    shared = c.tie_word_embeddings

    def half(num_layers: int, step: int, intermediate_size: int, layer: Module) -> Module:
        is_sparse = [step > 0 and (index + 1) % step == 0 for index in range(num_layers)]
        layers = stack(is_sparse, lambda sparse: _nllb_layer(c, layer, intermediate_size, is_sparse=sparse))
        return side(c, M2M, layers, shared=shared)

    return joined(
        c,
        half(c.encoder_layers, c.encoder_sparse_step, c.encoder_ffn_dim, encoder_layer(c)),
        half(c.decoder_layers, c.decoder_sparse_step, c.decoder_ffn_dim, decoder_layer(c)),
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
