"""Measures what a forward pass of transformers holds beside weights and cache, on the meta device.

    python tools/measure_activations.py > released.jsonl
    python tools/measure_activations.py default_configs.jsonl > defaults.jsonl

needs torch and transformers. The first measures released models, which the tests compare with the estimates; the
second the default configs of all classes, from which `fit_activations.py` makes the table. Released models are built
with their widths and few layers: intermediate results don't grow with the depth. Every storage that an operation makes
is counted from then until it is freed. The attention kernel is counted as CUDA's fused ones are: its result, its
log-sum, and a boolean mask turned into one to add.
"""

from __future__ import annotations

import json
import sys
import weakref
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[0])]

from needed import need

need("torch", "transformers")

import torch
import transformers
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

LLAMA = {"vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32}
MODELS: dict[str, dict[str, Any]] = {
    "meta-llama/Llama-3.1-8B": {"model_type": "llama", **LLAMA, "num_key_value_heads": 8},
    "meta-llama/Llama-3.1-70B": {
        "model_type": "llama",
        "vocab_size": 128256,
        "hidden_size": 8192,
        "intermediate_size": 28672,
        "num_attention_heads": 64,
        "num_key_value_heads": 8,
    },
    "mistralai/Mistral-7B-v0.1": {
        "model_type": "mistral",
        **LLAMA,
        "vocab_size": 32000,
        "num_key_value_heads": 8,
        "sliding_window": 4096,
    },
    "mistralai/Mixtral-8x7B-v0.1": {
        "model_type": "mixtral",
        **LLAMA,
        "vocab_size": 32000,
        "num_key_value_heads": 8,
        "num_local_experts": 8,
        "num_experts_per_tok": 2,
        "sliding_window": None,
    },
    "Qwen/Qwen2.5-7B": {
        "model_type": "qwen2",
        "vocab_size": 152064,
        "hidden_size": 3584,
        "intermediate_size": 18944,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
    },
    "Qwen/Qwen3-8B": {
        "model_type": "qwen3",
        "vocab_size": 151936,
        "hidden_size": 4096,
        "intermediate_size": 12288,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
    },
    "Qwen/Qwen3-30B-A3B": {
        "model_type": "qwen3_moe",
        "vocab_size": 151936,
        "hidden_size": 2048,
        "intermediate_size": 6144,
        "moe_intermediate_size": 768,
        "num_attention_heads": 32,
        "num_key_value_heads": 4,
        "head_dim": 128,
        "num_experts": 128,
        "num_experts_per_tok": 8,
    },
    "google/gemma-7b": {
        "model_type": "gemma",
        "vocab_size": 256000,
        "hidden_size": 3072,
        "intermediate_size": 24576,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
        "head_dim": 256,
    },
    "google/gemma-2-9b": {
        "model_type": "gemma2",
        "vocab_size": 256000,
        "hidden_size": 3584,
        "intermediate_size": 14336,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "head_dim": 256,
        "sliding_window": 4096,
    },
    "google/gemma-3-12b (text)": {
        "model_type": "gemma3_text",
        "vocab_size": 262208,
        "hidden_size": 3840,
        "intermediate_size": 15360,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "head_dim": 256,
        "sliding_window": 1024,
    },
    "microsoft/Phi-3-mini-4k": {
        "model_type": "phi3",
        "vocab_size": 32064,
        "hidden_size": 3072,
        "intermediate_size": 8192,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
        "pad_token_id": 0,
    },
    "openai-community/gpt2-xl": {
        "model_type": "gpt2",
        "vocab_size": 50257,
        "n_embd": 1600,
        "n_head": 25,
        "n_positions": 65536,
    },
    "EleutherAI/gpt-neox-20b": {
        "model_type": "gpt_neox",
        "vocab_size": 50432,
        "hidden_size": 6144,
        "intermediate_size": 24576,
        "num_attention_heads": 64,
    },
    "tiiuae/falcon-7b": {
        "model_type": "falcon",
        "vocab_size": 65024,
        "hidden_size": 4544,
        "num_attention_heads": 71,
        "multi_query": True,
        "parallel_attn": True,
        "bias": False,
        "new_decoder_architecture": False,
    },
    "deepseek-ai/DeepSeek-V3": {
        "model_type": "deepseek_v3",
        "vocab_size": 129280,
        "hidden_size": 7168,
        "intermediate_size": 18432,
        "moe_intermediate_size": 2048,
        "num_attention_heads": 128,
        "n_routed_experts": 256,
        "num_experts_per_tok": 8,
        "n_shared_experts": 1,
        "first_k_dense_replace": 3,
        "q_lora_rank": 1536,
        "kv_lora_rank": 512,
        "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64,
        "v_head_dim": 128,
        "n_group": 8,
        "topk_group": 4,
    },
    "openai/gpt-oss-20b": {
        "model_type": "gpt_oss",
        "vocab_size": 201088,
        "hidden_size": 2880,
        "intermediate_size": 2880,
        "num_attention_heads": 64,
        "num_key_value_heads": 8,
        "head_dim": 64,
        "num_local_experts": 32,
        "num_experts_per_tok": 4,
        "sliding_window": 128,
    },
    "state-spaces/mamba-2.8b-hf": {"model_type": "mamba", "vocab_size": 50280, "hidden_size": 2560, "state_size": 16},
}
DEFAULT_SIZES = ((1, 512), (1, 2048), (1, 8192))
SIZES = ((1, 512), (1, 2048), (4, 2048), (1, 8192), (8, 1024))
LAYERS = 6


class LiveBytes(TorchDispatchMode):
    """Counts the bytes of all storages that operations make, from when they are made until they are freed."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.live = self.peak = 0
        self.peak_at = ""
        self._weights = [tensor.untyped_storage() for tensor in (*model.parameters(), *model.buffers())]
        self._known = {storage._cdata: weakref.ref(storage) for storage in self._weights}  # noqa: SLF001 - see below

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._count(leaf.untyped_storage(), str(func))
        return result

    def _count(self, storage: torch.UntypedStorage, what: str) -> None:
        key = storage._cdata  # noqa: SLF001 - what identifies a storage on the meta device, which has no addresses
        known = self._known.get(key)
        if known is not None and known() is storage:
            return
        size = storage.nbytes()
        self.live += size
        if self.live > self.peak:
            self.peak, self.peak_at = self.live, what
        self._known[key] = weakref.ref(storage)
        weakref.finalize(storage, self._free, size)

    def _free(self, size: int) -> None:
        self.live -= size


def fused_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, attn_mask: torch.Tensor | None = None, **_: Any
) -> torch.Tensor:
    """What CUDA's fused kernels allocate."""
    result = query.new_empty((*query.shape[:-1], value.shape[-1]))
    log_sum = query.new_empty(query.shape[:-1], dtype=torch.float32)
    additive = attn_mask.to(query.dtype) if attn_mask is not None and attn_mask.dtype == torch.bool else None
    del key, log_sum, additive
    return result


def build_model(config: dict[str, Any]) -> Any:
    """The model of a config, without memory for its weights."""
    fields = dict(config)
    named = fields.pop("architectures", None)
    made = transformers.AutoConfig.for_model(fields.pop("model_type"), **fields)
    with torch.device("meta"):
        if named:
            return getattr(transformers, named[0])._from_config(made, dtype=torch.bfloat16).eval()  # noqa: SLF001 - what from_pretrained calls
        return transformers.AutoModelForCausalLM.from_config(made, dtype=torch.bfloat16).eval()


def measure(model: Any, batch_size: int, seq_length: int) -> dict[str, Any]:
    """Bytes at the peak of a prefill, without weights and without the cache that it leaves."""
    input_ids = torch.zeros((batch_size, seq_length), dtype=torch.long, device="meta")
    counter = LiveBytes(model)
    with torch.no_grad(), counter:
        output = model(input_ids=input_ids, use_cache=True, logits_to_keep=1)
        logits = output.logits[:, -1, :].to(copy=True, dtype=torch.float32)
    cached = cache_bytes(output)
    del output, logits
    return {"activation_bytes": counter.peak - cached, "cache_bytes": cached, "peak_at": counter.peak_at}


def cache_bytes(output: Any) -> int:
    """Bytes of the storages that the cache of an output holds."""
    cache = output.get("past_key_values") or output.get("cache_params")
    held: dict[int, int] = {}
    for layer in cache.layers:
        for leaf in tree_leaves(vars(layer)):
            if isinstance(leaf, torch.Tensor):
                storage = leaf.untyped_storage()
                held[storage._cdata] = storage.nbytes()  # noqa: SLF001 - as above
    return sum(held.values())


def report(name: str, config: dict[str, Any], sizes: tuple[tuple[int, int], ...]) -> None:
    """Prints a line for each size, or why there is none."""
    row: dict[str, Any] = {"model": name, "model_type": config["model_type"], "config": config}
    try:
        model = build_model(config)
        for batch_size, seq_length in sizes:
            measured = measure(model, batch_size, seq_length)
            attention = model.config._attn_implementation  # noqa: SLF001 - what was chosen for this class
            size = {"batch_size": batch_size, "seq_length": seq_length}
            print(json.dumps({**row, "attention": attention, **size, **measured}), flush=True)  # noqa: T201 - the result
    except Exception as error:  # noqa: BLE001 - some models can't run without data, in many ways
        print(json.dumps({**row, "error": f"{type(error).__name__}: {error}"[:200]}), flush=True)  # noqa: T201 - the same


def main() -> None:
    """Measures the released models, or with a file of configs (one a line, under `config`) those."""
    torch.nn.functional.scaled_dot_product_attention = fused_attention
    transformers.logging.set_verbosity_error()
    if not sys.argv[1:]:
        for name, config in MODELS.items():
            report(name, {**config, "num_hidden_layers": LAYERS}, SIZES)
        return
    for line in Path(sys.argv[1]).read_text("utf-8").splitlines():
        config = json.loads(line)["config"]
        report(config["architectures"][0], config, DEFAULT_SIZES)


if __name__ == "__main__":
    main()
