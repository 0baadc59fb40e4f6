"""EleutherAI's GPT-J: attention and feed-forward block side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.buffers import causal_masks
from budsim_widgets.architectures.blocks.gpt2 import gptj_frame
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gptj", "GPTJForCausalLM", extras=causal_masks("transformer.h.*.attn.bias"))
def gptj(c: Config) -> Module:
    """Separate projections."""
    hidden_size, num_attention_heads, names = (
        c.hidden_size,
        c.num_attention_heads,
        ("q_proj", "k_proj", "v_proj", "out_proj"),
    )
    return gptj_frame(
        c,
        attention(
            hidden_size, num_attention_heads, num_attention_heads, hidden_size // num_attention_heads, names=names
        ),
    )
