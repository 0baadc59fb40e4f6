"""RoBERTa and those that keep its names: BERT with another head.

CamemBERT, XLM-RoBERTa, its XL size, X-MOD, data2vec's text model, I-BERT and RoBERTa with norms in front of the blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import (
    bert_embeddings,
    bert_encoder,
    bert_layer,
    bert_without_head,
    encoder_of_layers,
    pre_norm_bert_layer,
    roberta_lm_head,
)
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.parts import Weight, extended_at, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("roberta", "RobertaForCausalLM")
@family("roberta", "RobertaForMaskedLM")
def roberta(c: Config) -> Module:
    """BERT with another head."""
    return module(roberta=module(embeddings=bert_embeddings(c), encoder=bert_encoder(c)), lm_head=roberta_lm_head(c))


@family("roberta", "RobertaModel")
@family("xlm-roberta", "XLMRobertaModel")
@family("camembert", "CamembertModel")
def roberta_model(c: Config) -> Module:
    """Without a head."""
    return bert_without_head(c)


@family("camembert", "CamembertForCausalLM")
@family("camembert", "CamembertForMaskedLM")
@family("xlm-roberta", "XLMRobertaForCausalLM")
@family("xlm-roberta", "XLMRobertaForMaskedLM")
def camembert(c: Config) -> Module:
    """RoBERTa whose head is built first: where the two are tied, the table bears the head's name."""
    hidden_size, tied = c.hidden_size, c.tie_word_embeddings
    table = module(weight=Weight((c.vocab_size, hidden_size), "embedding"))
    embeddings = bert_embeddings(c, word_embeddings=None if tied else table)
    head = roberta_lm_head(c)
    return module(
        lm_head=module({**head.children, "decoder": table if tied else head.children["decoder"]}),
        roberta=module(embeddings=embeddings, encoder=bert_encoder(c)),
    )


@family("data2vec-text", "Data2VecTextForCausalLM")
@family("data2vec-text", "Data2VecTextForMaskedLM")
def data2vec_text(c: Config) -> Module:
    """RoBERTa under another name."""
    return module(
        data2vec_text=module(embeddings=bert_embeddings(c), encoder=bert_encoder(c)), lm_head=roberta_lm_head(c)
    )


@family("ibert", "IBertForMaskedLM")
def ibert(c: Config) -> Module:
    """RoBERTa that may compute in integers; its weights have the same shapes then."""
    return module(ibert=module(embeddings=bert_embeddings(c), encoder=bert_encoder(c)), lm_head=roberta_lm_head(c))


@family("roberta-prelayernorm", "RobertaPreLayerNormForCausalLM")
@family("roberta-prelayernorm", "RobertaPreLayerNormForMaskedLM")
def roberta_prelayernorm(c: Config) -> Module:
    """The last norm stands beside the encoder."""
    layer = pre_norm_bert_layer(c, attention_norm="LayerNorm", feed_forward_norm=None)
    return module(
        roberta_prelayernorm=module(
            embeddings=bert_embeddings(c), encoder=encoder_of_layers(c, layer), LayerNorm=layer_norm(c.hidden_size)
        ),
        lm_head=roberta_lm_head(c),
    )


@family("xlm-roberta-xl", "XLMRobertaXLForCausalLM")
@family("xlm-roberta-xl", "XLMRobertaXLForMaskedLM")
def xlm_roberta_xl(c: Config) -> Module:
    """The embedding has no norm."""
    layer = pre_norm_bert_layer(c, attention_norm="self_attn_layer_norm", feed_forward_norm="LayerNorm")
    encoder = encoder_of_layers(c, layer, LayerNorm=layer_norm(c.hidden_size))
    return module(
        roberta=module(embeddings=bert_embeddings(c, LayerNorm=None), encoder=encoder), lm_head=roberta_lm_head(c)
    )


@family("xmod", "XmodForCausalLM")
@family("xmod", "XmodForMaskedLM")
def xmod(c: Config) -> Module:
    """An adapter for each language in every layer."""
    hidden_size, bottleneck_size = c.hidden_size, c.hidden_size // c.adapter_reduction_factor
    adapter = module(
        dense1=linear(hidden_size, bottleneck_size, bias=True), dense2=linear(bottleneck_size, hidden_size, bias=True)
    )
    adapters = {
        "adapter_layer_norm": layer_norm(hidden_size) if c.adapter_layer_norm else None,
        "adapter_modules": module({str(language): adapter for language in c.get("languages", ("en_XX",))}),
    }
    layer = extended_at(bert_layer(c), "output", adapters)
    encoder = encoder_of_layers(c, layer, LayerNorm=layer_norm(hidden_size) if c.pre_norm else None)
    return module(roberta=module(embeddings=bert_embeddings(c), encoder=encoder), lm_head=roberta_lm_head(c))
