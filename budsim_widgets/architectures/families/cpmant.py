"""CPM-Ant: learned prompts in front of the text, and positions as a bias of attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, linear, rms_norm
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.cache import PromptedCache
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("cpmant", "CpmAntForCausalLM")
def cpmant(c: Config) -> Module:
    """The prompts are rows of the embedding behind the vocabulary, so that the head is never tied to it."""
    hidden_size = c.hidden_size
    distances = c.segment_types**2 + c.position_bias_num_buckets
    return module(
        cpmant=module(
            encoder=module(layers=repeat(c.num_hidden_layers, _layer(c)), output_layernorm=rms_norm(hidden_size)),
            segment_embedding=embedding(c.segment_types, hidden_size),
            input_embedding=embedding(c.vocab_size + c.prompt_types * c.prompt_length, hidden_size),
            position_bias=module(relative_attention_bias=Weight((distances, c.num_attention_heads), "embedding")),
        ),
        lm_head=head(c, tied=False),
    )


def _layer(c: Config) -> Module:
    hidden_size, dim_ff = c.hidden_size, c.dim_ff
    up = linear(hidden_size, dim_ff)
    return module(
        self_att=module(layernorm_before_attention=rms_norm(hidden_size), self_attention=_attention(c)),
        ffn=module(
            layernorm_before_ffn=rms_norm(hidden_size),
            ffn=module(w_in=module(w_0=up, w_1=up), w_out=linear(dim_ff, hidden_size)),
        ),
    )


def _attention(c: Config) -> Module:
    """The prompt's keys and values are kept as well."""
    num_attention_heads, head_dim = c.num_attention_heads, c.dim_head
    names = ("project_q", "project_k", "project_v", "attention_out")
    weights = attention(c.hidden_size, num_attention_heads, num_attention_heads, head_dim, names=names, cached=False)
    kept = PromptedCache(
        num_attention_heads=num_attention_heads,
        num_key_value_heads=num_attention_heads,
        key_head_dim=head_dim,
        value_head_dim=head_dim,
        prompt_length=c.prompt_length,
    )
    return module(weights.children, cache=kept)
