"""Salesforce's CodeGen: GPT-J with one fused projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.buffers import causal_masks
from budsim_widgets.architectures.blocks.gpt2 import gptj_frame
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("codegen", "CodeGenForCausalLM", extras=causal_masks("transformer.h.*.attn.causal_mask"))
def codegen(c: Config) -> Module:
    """One fused projection."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    return gptj_frame(
        c,
        fused_attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            names=("qkv_proj", "out_proj"),
        ),
    )
