"""One description a family of models; see CONTRIBUTING.md for how to add one.

`MODULES` says in which module here a model type is described, so that a config loads that module alone.
"""

from __future__ import annotations

from typing import Final

MODULES: Final[dict[str, str]] = {
    "bamba": "jamba",
    "bert": "bert",
    "bert-generation": "bert",
    "bloom": "bloom",
    "camembert": "bert",
    "codegen": "gptj",
    "ctrl": "gpt_variants",
    "data2vec-text": "bert",
    "deepseek_v3": "deepseek",
    "electra": "bert",
    "ernie": "bert",
    "falcon": "falcon",
    "falcon_h1": "jamba",
    "falcon_mamba": "mamba",
    "gemma": "gemma",
    "gemma2": "gemma",
    "gemma3": "gemma",
    "gemma3_text": "gemma",
    "gpt2": "gpt",
    "gpt_bigcode": "gpt_variants",
    "gpt_neo": "gpt_variants",
    "gpt_neox": "gpt",
    "gpt_neox_japanese": "gpt_variants",
    "gpt_oss": "gpt_oss",
    "gptj": "gptj",
    "jamba": "jamba",
    "llama": "llama",
    "mamba": "mamba",
    "mamba2": "mamba",
    "mistral": "llama",
    "mixtral": "mixtral",
    "mpt": "bloom",
    "openai-gpt": "gpt_variants",
    "opt": "opt",
    "phi3": "phi",
    "qwen2": "qwen",
    "qwen3": "qwen",
    "qwen3_moe": "qwen",
    "rembert": "bert",
    "roberta": "bert",
    "roformer": "bert",
    "siglip_vision_model": "siglip",
    "xlm-roberta": "bert",
    "zamba": "zamba",
    "zamba2": "zamba",
}
