"""OPT: learned positions with two spare rows; the 350M model embeds in a narrower width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.labels import num_labels
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_SPARE_POSITIONS = 2


@family("opt", "OPTForCausalLM")
def opt(c: Config) -> Module:
    """The last norm exists only where norms stand before the blocks."""
    hidden_size = c.hidden_size
    word_embed_proj_dim = c.get("word_embed_proj_dim", hidden_size)
    has_last_norm = c.do_layer_norm_before and not c.get("_remove_final_layer_norm", False)
    decoder = module(
        embed_tokens=embedding(c.vocab_size, word_embed_proj_dim),
        embed_positions=embedding(c.max_position_embeddings + _SPARE_POSITIONS, hidden_size),
        project_out=linear(hidden_size, word_embed_proj_dim) if word_embed_proj_dim != hidden_size else None,
        project_in=linear(word_embed_proj_dim, hidden_size) if word_embed_proj_dim != hidden_size else None,
        final_layer_norm=_norm(c) if has_last_norm else None,
        layers=repeat(c.num_hidden_layers, _layer(c)),
    )
    return module(model=module(decoder=decoder), lm_head=head(c, hidden_size=word_embed_proj_dim))


@family("opt", "OPTForSequenceClassification")
def opt_classifier(c: Config) -> Module:
    """A score for each label, of a vector as wide as the embedding."""
    score = linear(c.get("word_embed_proj_dim", c.hidden_size), num_labels(c.fields))
    return module(model=opt(c).children["model"], score=score)


@family("opt", "OPTForQuestionAnswering")
def opt_answers(c: Config) -> Module:
    """Begin and end of an answer, of the same vector."""
    outputs = linear(c.get("word_embed_proj_dim", c.hidden_size), 2, bias=True)
    return module(model=opt(c).children["model"], qa_outputs=outputs)


def _layer(c: Config) -> Module:
    hidden_size, num_attention_heads, bias = c.hidden_size, c.num_attention_heads, c.enable_bias
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    return module(
        self_attn=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=bias,
            names=names,
        ),
        self_attn_layer_norm=_norm(c),
        fc1=linear(hidden_size, c.ffn_dim, bias=bias),
        fc2=linear(c.ffn_dim, hidden_size, bias=bias),
        final_layer_norm=_norm(c),
    )


def _norm(c: Config) -> Module | None:
    return layer_norm(c.hidden_size) if c.layer_norm_elementwise_affine else None
