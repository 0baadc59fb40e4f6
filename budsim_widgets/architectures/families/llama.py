"""Llama 1 to 3, and IQuest Coder, which is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.llama import llama_decoder
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("llama", "LlamaForCausalLM")
@family("llama", "LLaMAForCausalLM")
@family("iquestcoder", "LlamaForCausalLM")
def llama(c: Config) -> Module:
    """Pre-norm layers, grouped queries, a gated feed-forward block."""
    return llama_decoder(c)
