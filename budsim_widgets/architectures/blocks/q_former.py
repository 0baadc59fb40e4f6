"""The Q-Former of BLIP-2 and InstructBLIP: learned queries that attend to a tower's vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_attention_to, bert_output
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Stack


def blip2_q_former(c: Config, encoder_hidden_size: int) -> Module:
    """BLIP-2's Q-Former, behind a norm."""
    layers = q_former_layers(c, encoder_hidden_size, reads_text=c.get("use_qformer_text_input", False))
    return module(layernorm=layer_norm(c.hidden_size), encoder=module(layer=layers))


def model_with_q_former(c: Config, q_former: Module) -> Module:
    """A tower, learned queries, the Q-Former, a projection and a language model."""
    qformer_hidden_size = c.qformer_config.hidden_size
    return module(
        query_tokens=Weight((1, c.num_query_tokens, qformer_hidden_size)),
        vision_model=part_of(c.vision_config),
        qformer=q_former,
        language_projection=linear(qformer_hidden_size, c.text_config.hidden_size, bias=True),
        language_model=part_of(c.text_config),
    )


def q_former_layers(c: Config, encoder_hidden_size: int, *, reads_text: bool) -> Stack:
    """Every few layers attend to the picture; queries and text have feed-forward blocks of their own."""
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size

    def layer(has_cross_attention: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return module(
            attention=bert_attention_to("attention", hidden_size, hidden_size),
            crossattention=bert_attention_to("attention", hidden_size, encoder_hidden_size)
            if has_cross_attention
            else None,
            intermediate=module(dense=linear(hidden_size, intermediate_size, bias=True)) if reads_text else None,
            output=bert_output(intermediate_size, hidden_size) if reads_text else None,
            intermediate_query=module(dense=linear(hidden_size, intermediate_size, bias=True)),
            output_query=bert_output(intermediate_size, hidden_size),
        )

    every = c.cross_attention_frequency
    return stack((index % every == 0 for index in range(c.num_hidden_layers)), layer)
