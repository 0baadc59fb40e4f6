"""InternLM 3: Llama."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.llama import llama_decoder
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("internlm3", "LlamaForCausalLM")
def internlm3(c: Config) -> Module:
    """Llama under another name."""
    return llama_decoder(c)
