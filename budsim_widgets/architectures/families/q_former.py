"""BLIP-2 and InstructBLIP: a Q-Former reads the picture for a language model of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_output, bert_reader
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Stack


@family("blip-2", "Blip2ForConditionalGeneration", kind="multimodal")
def blip2(c: Config) -> Module:
    """Learned queries read the picture and stand before the text; the language model says itself what is tied."""
    q_former = c.qformer_config
    return _with_q_former(c, _blip2_q_former(q_former, c.vision_config.hidden_size))


@family("blip_2_qformer", "Blip2QFormerModel")
def blip2_q_former(c: Config) -> Module:
    """The Q-Former alone, as models of other senses use it."""
    return _blip2_q_former(c, c.encoder_hidden_size)


def _blip2_q_former(c: Config, encoder_hidden_size: int) -> Module:
    layers = _q_former_layers(c, encoder_hidden_size, reads_text=c.get("use_qformer_text_input", False))
    return module(layernorm=layer_norm(c.hidden_size), encoder=module(layer=layers))


@family("instructblip", "InstructBlipForConditionalGeneration", kind="multimodal")
@family("instructblipvideo", "InstructBlipVideoForConditionalGeneration", kind="multimodal")
def instructblip(c: Config) -> Module:
    """BLIP-2 whose queries read the instruction as well."""
    q_former = c.qformer_config
    hidden_size = q_former.hidden_size
    embeddings = module(
        word_embeddings=embedding(q_former.vocab_size, hidden_size),
        position_embeddings=embedding(q_former.max_position_embeddings, hidden_size),
        layernorm=layer_norm(hidden_size),
    )
    layers = _q_former_layers(q_former, c.vision_config.hidden_size, reads_text=True)
    return _with_q_former(c, module(embeddings=embeddings, encoder=module(layer=layers)))


def _with_q_former(c: Config, q_former: Module) -> Module:
    qformer_hidden_size = c.qformer_config.hidden_size
    return module(
        query_tokens=Weight((1, c.num_query_tokens, qformer_hidden_size)),
        vision_model=part_of(c.vision_config),
        qformer=q_former,
        language_projection=linear(qformer_hidden_size, c.text_config.hidden_size, bias=True),
        language_model=part_of(c.text_config),
    )


def _q_former_layers(c: Config, encoder_hidden_size: int, *, reads_text: bool) -> Stack:
    """Every few layers read the picture; queries and text have feed-forward blocks of their own."""
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size

    def layer(sees: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return module(
            attention=bert_reader("attention", hidden_size, hidden_size),
            crossattention=bert_reader("attention", hidden_size, encoder_hidden_size) if sees else None,
            intermediate=module(dense=linear(hidden_size, intermediate_size, bias=True)) if reads_text else None,
            output=bert_output(intermediate_size, hidden_size) if reads_text else None,
            intermediate_query=module(dense=linear(hidden_size, intermediate_size, bias=True)),
            output_query=bert_output(intermediate_size, hidden_size),
        )

    every = c.cross_attention_frequency
    return stack((index % every == 0 for index in range(c.num_hidden_layers)), layer)
