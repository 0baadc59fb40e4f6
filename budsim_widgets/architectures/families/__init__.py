"""One description a family of models; see CONTRIBUTING.md for how to add one.

`MODULES` says in which module here a model type is described, so that a config loads that module alone.
"""

from __future__ import annotations

from typing import Final

MODULES: Final[dict[str, str]] = {
    "deepseek_v3": "deepseek",
    "falcon": "falcon",
    "gemma": "gemma",
    "gemma2": "gemma",
    "gemma3": "gemma",
    "gemma3_text": "gemma",
    "gpt2": "gpt",
    "gpt_neox": "gpt",
    "gpt_oss": "gpt_oss",
    "llama": "llama",
    "mamba": "mamba",
    "mistral": "llama",
    "mixtral": "mixtral",
    "phi3": "phi",
    "qwen2": "qwen",
    "qwen3": "qwen",
    "qwen3_moe": "qwen",
    "siglip_vision_model": "siglip",
}
