"""The repositories that the notebooks, the browser tests and most other tests use.

Field values and parameter totals are the published ones of the real models; the files around them are empty.
"""

from __future__ import annotations

import json
from typing import Any

from hub.scenario import Account, Delay, Drop, Hang, Portal, RateLimit, Region, Repo, Status, as_file, model

LLAMA_3_1_8B: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "attention_bias": False,
    "attention_dropout": 0.0,
    "bos_token_id": 128000,
    "eos_token_id": 128001,
    "hidden_act": "silu",
    "hidden_size": 4096,
    "initializer_range": 0.02,
    "intermediate_size": 14336,
    "max_position_embeddings": 131072,
    "mlp_bias": False,
    "model_type": "llama",
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "pretraining_tp": 1,
    "rms_norm_eps": 1e-05,
    "rope_scaling": {
        "factor": 8.0,
        "high_freq_factor": 4.0,
        "low_freq_factor": 1.0,
        "original_max_position_embeddings": 8192,
        "rope_type": "llama3",
    },
    "rope_theta": 500000.0,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "use_cache": True,
    "vocab_size": 128256,
}

LLAMA_3_1_70B: dict[str, Any] = {
    **LLAMA_3_1_8B,
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "num_attention_heads": 64,
    "num_hidden_layers": 80,
}

MISTRAL_7B_V0_3: dict[str, Any] = {
    "architectures": ["MistralForCausalLM"],
    "attention_dropout": 0.0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "hidden_act": "silu",
    "hidden_size": 4096,
    "initializer_range": 0.02,
    "intermediate_size": 14336,
    "max_position_embeddings": 32768,
    "model_type": "mistral",
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "rms_norm_eps": 1e-05,
    "rope_theta": 1000000.0,
    "sliding_window": None,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "use_cache": True,
    "vocab_size": 32768,
}

# Its sub-configs leave out whatever equals the class default, num_attention_heads included: that is how the file is.
GEMMA_3_4B_IT: dict[str, Any] = {
    "architectures": ["Gemma3ForConditionalGeneration"],
    "boi_token_index": 255999,
    "eoi_token_index": 256000,
    "eos_token_id": [1, 106],
    "image_token_index": 262144,
    "initializer_range": 0.02,
    "mm_tokens_per_image": 256,
    "model_type": "gemma3",
    "text_config": {
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "model_type": "gemma3_text",
        "num_hidden_layers": 34,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        "sliding_window": 1024,
    },
    "torch_dtype": "bfloat16",
    "vision_config": {
        "hidden_size": 1152,
        "image_size": 896,
        "intermediate_size": 4304,
        "model_type": "siglip_vision_model",
        "num_attention_heads": 16,
        "num_hidden_layers": 27,
        "patch_size": 14,
        "vision_use_head": False,
    },
}

QWEN_2_5_7B: dict[str, Any] = {
    "architectures": ["Qwen2ForCausalLM"],
    "attention_dropout": 0.0,
    "bos_token_id": 151643,
    "eos_token_id": 151643,
    "hidden_act": "silu",
    "hidden_size": 3584,
    "initializer_range": 0.02,
    "intermediate_size": 18944,
    "max_position_embeddings": 131072,
    "max_window_layers": 28,
    "model_type": "qwen2",
    "num_attention_heads": 28,
    "num_hidden_layers": 28,
    "num_key_value_heads": 4,
    "rms_norm_eps": 1e-06,
    "rope_theta": 1000000.0,
    "sliding_window": 131072,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "use_cache": True,
    "use_sliding_window": False,
    "vocab_size": 152064,
}

QWEN_2_5_0_5B: dict[str, Any] = {
    **QWEN_2_5_7B,
    "hidden_size": 896,
    "intermediate_size": 4864,
    "max_position_embeddings": 32768,
    "max_window_layers": 24,
    "num_attention_heads": 14,
    "num_hidden_layers": 24,
    "num_key_value_heads": 2,
    "sliding_window": 32768,
    "tie_word_embeddings": True,
    "vocab_size": 151936,
}

GPT2: dict[str, Any] = {
    "activation_function": "gelu_new",
    "architectures": ["GPT2LMHeadModel"],
    "attn_pdrop": 0.1,
    "bos_token_id": 50256,
    "embd_pdrop": 0.1,
    "eos_token_id": 50256,
    "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05,
    "model_type": "gpt2",
    "n_ctx": 1024,
    "n_embd": 768,
    "n_head": 12,
    "n_layer": 12,
    "n_positions": 1024,
    "resid_pdrop": 0.1,
    "vocab_size": 50257,
}

GATED_CONFIGS: dict[str, dict[str, Any]] = {
    "meta-llama/Llama-3.1-8B": LLAMA_3_1_8B,
    "meta-llama/Llama-3.1-70B": LLAMA_3_1_70B,
    "google/gemma-3-4b-it": GEMMA_3_4B_IT,
    "mistralai/Mistral-7B-v0.3": MISTRAL_7B_V0_3,
}
"""What a person who has access would paste, by id."""

PUBLIC_CONFIGS: dict[str, dict[str, Any]] = {
    "Qwen/Qwen2.5-7B": QWEN_2_5_7B,
    "Qwen/Qwen2.5-0.5B": QWEN_2_5_0_5B,
    "openai-community/gpt2": GPT2,
}

PARAMETERS: dict[str, int] = {
    "meta-llama/Llama-3.1-8B": 8_030_261_248,
    "meta-llama/Llama-3.1-70B": 70_553_706_496,
    "google/gemma-3-4b-it": 4_300_079_472,
    "mistralai/Mistral-7B-v0.3": 7_248_023_552,
    "Qwen/Qwen2.5-7B": 7_615_616_512,
    "Qwen/Qwen2.5-0.5B": 494_032_768,
    "openai-community/gpt2": 137_022_720,  # counts the causal masks that its file holds as tensors
}
"""The `safetensors.total` that the Hub publishes, gated or not."""

_WEIGHTS = ("generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


def _published(model_id: str, dtype: str = "BF16") -> tuple[tuple[str, int], ...]:
    return ((dtype, PARAMETERS[model_id]),)


def _gated(model_id: str, **details: Any) -> Repo:
    config = GATED_CONFIGS[model_id]
    return model(model_id, config, gated="manual", others=_WEIGHTS, parameters=_published(model_id), **details)


def _public(model_id: str, dtype: str = "BF16", **details: Any) -> Repo:
    config = PUBLIC_CONFIGS[model_id]
    return model(model_id, config, others=_WEIGHTS, parameters=_published(model_id, dtype), **details)


def _files(model_id: str, *names: str, **details: Any) -> Repo:
    return Repo(model_id=model_id, files=tuple((name, b"{}") for name in names), **details)


GGUF_SIZES = (
    ("Qwen2.5-7B-Q4_K_M.gguf", 4_683_073_536),
    ("Qwen2.5-7B-UD-Q2_K_XL.gguf", 3_300_000_000),
    ("BF16/Qwen2.5-7B-BF16-00001-of-00002.gguf", 10_000_000_000),
    ("BF16/Qwen2.5-7B-BF16-00002-of-00002.gguf", 5_237_853_312),
    ("mmproj-F16.gguf", 1_354_163_040),
)

CATALOGUE: tuple[Repo, ...] = (
    _gated("meta-llama/Llama-3.1-8B", aliases=("meta-llama/Meta-Llama-3.1-8B",)),
    _gated("meta-llama/Llama-3.1-70B", aliases=("meta-llama/Meta-Llama-3.1-70B",)),
    _gated("google/gemma-3-4b-it"),
    _gated("mistralai/Mistral-7B-v0.3"),
    _public("Qwen/Qwen2.5-7B"),
    _public("Qwen/Qwen2.5-0.5B"),
    _public("openai-community/gpt2", dtype="F32", aliases=("gpt2",), branches=("main", "refs/pr/1", "feature/long")),
    # its config.json says nothing of its quantization
    Repo(
        model_id="example/Qwen2.5-7B-NVFP4",
        files=(
            ("config.json", json.dumps(QWEN_2_5_7B).encode()),
            ("hf_quant_config.json", b'{"quantization": {"quant_algo": "NVFP4", "exclude_modules": ["lm_head"]}}'),
        ),
    ),
    # repositories without a config.json, each of another kind
    _files("bartowski/Meta-Llama-3.1-8B-Instruct-GGUF", "README.md", "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf"),
    _files("tloen/alpaca-lora-7b", "README.md", "adapter_config.json", "adapter_model.bin"),
    _files("stable-diffusion-v1-5/stable-diffusion-v1-5", "README.md", "model_index.json", "unet/config.json"),
    _files("example/original-weights", "README.md", "7B/params.json", "13B/params.json", "tokenizer.model"),
    _files("example/only-a-readme", "README.md"),
    _files(
        "example/many-gguf",
        "README.md",
        *(name for name, _ in GGUF_SIZES),
        sizes=GGUF_SIZES,
        base_model="Qwen/Qwen2.5-7B",
    ),
    _files("example/gguf-of-gated", "model-Q8_0.gguf", base_model="meta-llama/Llama-3.1-8B"),
    _files("example/gated-gguf", "README.md", "model-Q4_K_M.gguf", gated="auto"),
    # everything else that the Hub can answer
    model("example/private", QWEN_2_5_0_5B, is_private=True),
    model("example/disabled", QWEN_2_5_0_5B, is_disabled=True),
    model("example/region", QWEN_2_5_0_5B, fault=Region()),
    model("example/rate-limited", QWEN_2_5_0_5B, fault=RateLimit()),
    model("example/down", QWEN_2_5_0_5B, fault=Status()),
    model("example/hanging", QWEN_2_5_0_5B, fault=Hang()),
    model("example/slow", QWEN_2_5_0_5B, fault=Delay(seconds=2)),
    model("example/dropped", QWEN_2_5_0_5B, fault=Drop()),
    model("example/portal", QWEN_2_5_0_5B, fault=Portal()),
    Repo(model_id="example/huge", files=(("config.json", as_file({"padding": "x" * 3_000_000})),)),
    Repo(model_id="example/not-json", files=(("config.json", b"<!doctype html><title>oops</title>"),)),
    Repo(
        model_id="example/hostile-strings",
        files=(
            (
                "config.json",
                as_file({**QWEN_2_5_0_5B, "_name_or_path": "<img src=x onerror=alert(1)>", "{0.__class__}": "%s"}),
            ),
        ),
    ),
)

# Built at run time, so that no scanner of secrets takes them for real ones.
MEMBER_TOKEN = "hf_" + "m" * 34
NEWCOMER_TOKEN = "hf_" + "n" * 34
FINE_GRAINED_TOKEN = "hf_" + "f" * 34
STALE_TOKEN = "hf_" + "s" * 34

ACCOUNTS: tuple[Account, ...] = (
    Account(
        name="member",
        token=MEMBER_TOKEN,
        access=(
            ("meta-llama/Llama-3.1-8B", "granted"),
            ("meta-llama/Llama-3.1-70B", "pending"),
            ("google/gemma-3-4b-it", "rejected"),
            ("mistralai/Mistral-7B-v0.3", "reset"),
        ),
        owns=("example/private",),
    ),
    Account(name="newcomer", token=NEWCOMER_TOKEN),
    Account(name="fine-grained", token=FINE_GRAINED_TOKEN, can_read_gated=False, role="fineGrained"),
)
"""`STALE_TOKEN` belongs to nobody."""
