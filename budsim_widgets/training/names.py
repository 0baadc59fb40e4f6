"""The names that training settings take, and how else people write them."""

from __future__ import annotations

from typing import Final

METHODS: Final = ("full", "lora", "qlora")
PRECISIONS: Final = ("bf16", "fp16", "fp32", "bf16-mixed", "fp16-mixed")
"""Format of the weights; `-mixed` are fp32 weights with a 16-bit computation (autocast)."""

OPTIMIZERS: Final = (
    "adamw",
    "adamw-fused",
    "adamw-foreach",
    "adamw-loop",
    "adamw-8bit",
    "paged-adamw",
    "paged-adamw-8bit",
    "adafactor",
    "sgd",
    "sgd-momentum",
    "lion",
    "lion-8bit",
    "muon",
    "galore",
)
"""`adamw` is what the tool runs by default; the three behind it are the implementations that torch has."""

TOOLS: Final = ("peft", "trl", "unsloth", "axolotl", "llamafactory", "torchtune", "litgpt", "deepspeed")
TRAINERS: Final = ("sft", "dpo", "grpo")
SHARDINGS: Final = ("zero1", "zero2", "zero3", "fsdp")
ATTENTIONS: Final = ("sdpa", "eager", "flash")
LOSSES: Final = ("auto", "whole", "chunked", "fused")
ADAPTER_PRECISIONS: Final = ("auto", "fp32", "bf16")

SPELLINGS: Final[dict[str, dict[str, str]]] = {
    "method": {"full fine-tuning": "full", "freeze": "full"},
    "precision": {
        "bfloat16": "bf16",
        "bf16-true": "bf16",
        "float16": "fp16",
        "half": "fp16",
        "float32": "fp32",
        "32-true": "fp32",
        "mixed": "bf16-mixed",
        "16-mixed": "fp16-mixed",
    },
    "optimizer": {
        "adam": "adamw",
        "adamw_torch": "adamw",
        "adamw_hf": "adamw-loop",
        "adamw_torch_fused": "adamw-fused",
        "adamw_8bit": "adamw-8bit",
        "adamw_bnb_8bit": "adamw-8bit",
        "paged_adamw_32bit": "paged-adamw",
        "paged_adamw_8bit": "paged-adamw-8bit",
        "pagedadamw8bit": "paged-adamw-8bit",
        "lion_32bit": "lion",
        "lion_8bit": "lion-8bit",
        "galore_adamw": "galore",
    },
    "sharding": {"zero-1": "zero1", "zero-2": "zero2", "zero-3": "zero3", "full_shard": "fsdp", "fsdp2": "fsdp"},
    "attention": {
        "flash_attention_2": "flash",
        "flash_attention_3": "flash",
        "flash-attention 2": "flash",
        "math": "eager",
    },
    "tool": {
        "transformers": "peft",
        "hf": "peft",
        "llama-factory": "llamafactory",
        "llama_factory": "llamafactory",
        "lit-gpt": "litgpt",
    },
}
"""Other spellings of a parameter's values: those of `TrainingArguments` and of the tools' own options."""
