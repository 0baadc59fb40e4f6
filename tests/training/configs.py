"""Configs that several tests share."""

from __future__ import annotations

from typing import Any

from budsim_widgets.architectures import Architecture, build

LLAMA_8B: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 128256,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
}


def llama_8b(**more: Any) -> Architecture:
    """Llama-3.1-8B."""
    return build({**LLAMA_8B, **more})
