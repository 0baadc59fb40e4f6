"""BERT and those that changed only its embeddings or its head: post-norm layers that see both ways.

As a decoder (`is_decoder`) it keeps keys and values; else nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.parts import Module, Part, Weight, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures.config import Config


def bert_embeddings(
    c: Config,
    changed: Mapping[str, Part | None] | None = None,
    /,
    *,
    embedding_size: int | None = None,
    **more: Part | None,
) -> Module:
    """Tokens, learned positions, kinds of text, and a norm; a part given as None is left out."""
    more = {**(changed or {}), **more}
    embedding_size = embedding_size or c.hidden_size
    usual: dict[str, Part | None] = {
        "word_embeddings": embedding(c.vocab_size, embedding_size),
        "position_embeddings": None
        if "position_embeddings" in more
        else embedding(c.max_position_embeddings, embedding_size),
        "token_type_embeddings": embedding(c.type_vocab_size, embedding_size) if "type_vocab_size" in c else None,
        "LayerNorm": layer_norm(embedding_size),
    }
    return module({**usual, **more})


def bert_attention(c: Config, *, cached: bool = False, norm: str | None = "LayerNorm") -> Module:
    """Queries, keys and values of all heads, and the output with its norm."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    projection = linear(hidden_size, hidden_size, bias=True)
    return module(
        {
            "self": module(
                query=projection,
                key=projection,
                value=projection,
                cache=kv_cache(num_attention_heads, num_attention_heads, hidden_size // num_attention_heads)
                if cached
                else None,
            ),
            "output": module({"dense": projection, norm or "": layer_norm(hidden_size) if norm else None}),
        }
    )


def bert_layer(c: Config) -> Module:
    """Attention and a feed-forward block, each followed by its norm."""
    hidden_size, is_decoder = c.hidden_size, c.get("is_decoder", False)
    reads_encoder = is_decoder and c.get("add_cross_attention", False)
    return module(
        attention=bert_attention(c, cached=is_decoder),
        crossattention=bert_attention(c) if reads_encoder else None,
        intermediate=module(dense=linear(hidden_size, c.intermediate_size, bias=True)),
        output=module(dense=linear(c.intermediate_size, hidden_size, bias=True), LayerNorm=layer_norm(hidden_size)),
    )


def bert_encoder(c: Config, **more: Part | None) -> Module:
    """All layers."""
    return module({**more, "layer": repeat(c.num_hidden_layers, bert_layer(c))})


def predictions(c: Config, *, embedding_size: int | None = None) -> Module:
    """The head `cls.predictions`: a transform, and a decoder that is the embedding where tied."""
    embedding_size = embedding_size or c.hidden_size
    return module(
        predictions=module(
            bias=Weight((c.vocab_size,), "bias"),
            transform=module(
                dense=linear(c.hidden_size, embedding_size, bias=True), LayerNorm=layer_norm(embedding_size)
            ),
            decoder=_decoder(c, embedding_size),
        )
    )


def lm_head(c: Config) -> Module:
    """The head `lm_head` of RoBERTa: the same under other names."""
    hidden_size = c.hidden_size
    return module(
        bias=Weight((c.vocab_size,), "bias"),
        dense=linear(hidden_size, hidden_size, bias=True),
        layer_norm=layer_norm(hidden_size),
        decoder=_decoder(c, hidden_size),
    )


def _decoder(c: Config, embedding_size: int) -> Module | None:
    return None if c.tie_word_embeddings else linear(embedding_size, c.vocab_size, bias=True, role="head")


@family("bert", "BertLMHeadModel")
@family("bert", "BertForMaskedLM")
def bert(c: Config) -> Module:
    """The original."""
    return module(bert=module(embeddings=bert_embeddings(c), encoder=bert_encoder(c)), cls=predictions(c))


@family("bert", "BertForPreTraining")
@family("ernie", "ErnieForPreTraining")
def bert_for_pretraining(c: Config) -> Module:
    """With what tells whether one sentence follows another."""
    hidden_size, masked = c.hidden_size, ernie(c) if c.model_type == "ernie" else bert(c)
    pooled = extended_at(masked, c.model_type, {"pooler": module(dense=linear(hidden_size, hidden_size, bias=True))})
    return extended_at(pooled, "cls", {"seq_relationship": linear(hidden_size, 2, bias=True)})


@family("bert", "BertModel")
def bert_model(c: Config) -> Module:
    """Without a head, as models that embed whole texts are published."""
    hidden_size = c.hidden_size
    pooler = module(dense=linear(hidden_size, hidden_size, bias=True))
    return module(embeddings=bert_embeddings(c), encoder=bert_encoder(c), pooler=pooler)


@family("ernie", "ErnieForCausalLM")
@family("ernie", "ErnieForMaskedLM")
def ernie(c: Config) -> Module:
    """Knows which task a text belongs to."""
    tasks = embedding(c.task_type_vocab_size, c.hidden_size) if c.use_task_id else None
    embeddings = bert_embeddings(c, task_type_embeddings=tasks)
    return module(ernie=module(embeddings=embeddings, encoder=bert_encoder(c)), cls=predictions(c))


@family("bert-generation", "BertGenerationDecoder")
def bert_generation(c: Config) -> Module:
    """One kind of text, and a head of one layer."""
    embeddings = bert_embeddings(c, token_type_embeddings=None)
    return module(
        bert=module(embeddings=embeddings, encoder=bert_encoder(c)),
        lm_head=module(bias=Weight((c.vocab_size,), "bias"), decoder=_decoder(c, c.hidden_size)),
    )


@family("roberta", "RobertaForCausalLM")
@family("roberta", "RobertaForMaskedLM")
def roberta(c: Config) -> Module:
    """BERT with another head."""
    return module(roberta=module(embeddings=bert_embeddings(c), encoder=bert_encoder(c)), lm_head=lm_head(c))


@family("roberta", "RobertaModel")
@family("xlm-roberta", "XLMRobertaModel")
@family("camembert", "CamembertModel")
def roberta_model(c: Config) -> Module:
    """The same without a head as of BERT."""
    return bert_model(c)


@family("camembert", "CamembertForCausalLM")
@family("camembert", "CamembertForMaskedLM")
@family("xlm-roberta", "XLMRobertaForCausalLM")
@family("xlm-roberta", "XLMRobertaForMaskedLM")
def camembert(c: Config) -> Module:
    """RoBERTa whose head is built first: where the two are tied, the table bears the head's name."""
    hidden_size, tied = c.hidden_size, c.tie_word_embeddings
    table = module(weight=Weight((c.vocab_size, hidden_size), "embedding"))
    embeddings = bert_embeddings(c, word_embeddings=None if tied else table)
    head = lm_head(c)
    return module(
        lm_head=module({**head.children, "decoder": table if tied else head.children["decoder"]}),
        roberta=module(embeddings=embeddings, encoder=bert_encoder(c)),
    )


@family("data2vec-text", "Data2VecTextForCausalLM")
@family("data2vec-text", "Data2VecTextForMaskedLM")
def data2vec_text(c: Config) -> Module:
    """RoBERTa under another name."""
    return module(data2vec_text=module(embeddings=bert_embeddings(c), encoder=bert_encoder(c)), lm_head=lm_head(c))


@family("roformer", "RoFormerForCausalLM")
@family("roformer", "RoFormerForMaskedLM")
def roformer(c: Config) -> Module:
    """A fixed table of rotary positions; the embedding may be narrower than the layers."""
    embedding_size = c.get("embedding_size", c.hidden_size)
    return module(
        roformer=module(
            embeddings=bert_embeddings(c, embedding_size=embedding_size, position_embeddings=None),
            embeddings_project=linear(embedding_size, c.hidden_size, bias=True)
            if embedding_size != c.hidden_size
            else None,
            encoder=bert_encoder(
                c, embed_positions=embedding(c.max_position_embeddings, c.hidden_size // c.num_attention_heads)
            ),
        ),
        cls=predictions(c, embedding_size=embedding_size),
    )


@family("electra", "ElectraForCausalLM")
@family("electra", "ElectraForMaskedLM")
def electra(c: Config) -> Module:
    """A narrower embedding, and a head of that width."""
    embedding_size = c.embedding_size
    return module(
        electra=module(
            embeddings=bert_embeddings(c, embedding_size=embedding_size),
            embeddings_project=linear(embedding_size, c.hidden_size, bias=True)
            if embedding_size != c.hidden_size
            else None,
            encoder=bert_encoder(c),
        ),
        generator_predictions=module(
            LayerNorm=layer_norm(embedding_size), dense=linear(c.hidden_size, embedding_size, bias=True)
        ),
        generator_lm_head=module(
            weight=None if c.tie_word_embeddings else Weight((c.vocab_size, embedding_size), "head"),
            bias=Weight((c.vocab_size,), "bias"),
        ),
    )


@family("rembert", "RemBertForCausalLM")
@family("rembert", "RemBertForMaskedLM")
def rembert(c: Config) -> Module:
    """A narrow embedding going in, a wide one coming out."""
    input_embedding_size, output_embedding_size = c.input_embedding_size, c.get("output_embedding_size", 1664)
    return module(
        rembert=module(
            embeddings=bert_embeddings(c, embedding_size=input_embedding_size),
            encoder=bert_encoder(c, embedding_hidden_mapping_in=linear(input_embedding_size, c.hidden_size, bias=True)),
        ),
        cls=module(
            predictions=module(
                dense=linear(c.hidden_size, output_embedding_size, bias=True),
                decoder=linear(output_embedding_size, c.vocab_size, bias=True, role="head"),
                LayerNorm=layer_norm(output_embedding_size),
            )
        ),
    )
