"""EAGLE-3: a draft of one layer that reads three hidden states of the model that it drafts for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, rms_norm
from budsim_widgets.architectures.parts import module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_STATES: Final = 3


def eagle3(c: Config) -> Module:
    """One layer whose queries, keys and values come from two vectors, and a head of the draft's own vocabulary.

    It has no embedding of its own; the number of layers in its config is often that of the model that it drafts for.

    Source: `LlamaForCausalLMEagle3` of SpecForge, `Eagle3LlamaForCausalLM` of vLLM 0.33.
    """
    hidden_size = c.hidden_size
    usual = attention(hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim)
    wide = {
        f"{name}_proj": linear(2 * hidden_size, heads * c.head_dim)
        for name, heads in (("q", c.num_attention_heads), ("k", c.num_key_value_heads), ("v", c.num_key_value_heads))
    }
    layer = module(
        self_attn=module({**usual.children, **wide}, cache=usual.cache),
        mlp=gated_mlp(hidden_size, c.intermediate_size),
        hidden_norm=rms_norm(hidden_size),
        input_layernorm=rms_norm(hidden_size),
        post_attention_layernorm=rms_norm(hidden_size),
    )
    return module(
        fc=linear(_STATES * hidden_size, hidden_size),
        layers=repeat(1, layer),
        norm=rms_norm(hidden_size),
        lm_head=linear(hidden_size, c.draft_vocab_size, role="head"),
    )
