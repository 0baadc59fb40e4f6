"""Measures what a real step of training holds, on the CPU, with small models of many families.

    python tools/measure_training.py > tests/training/measured_steps.jsonl
    python tools/measure_training.py --detail llama lora

needs torch, transformers and peft. Every storage that an operation makes is counted from then until it is freed, in the
second step, when the optimizer has its states. `--detail` lists what is alive after the forward pass, by the module and
the operation that made it.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import warnings
import weakref
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from needed import need

need("torch", "transformers", "peft")

import torch
import transformers
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HIDDEN, INNER, VOCABULARY, LAYERS = 256, 704, 4096, 4
BATCH, LENGTH = 2, 256
DENSE = {
    "vocab_size": VOCABULARY,
    "hidden_size": HIDDEN,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 8,
}
GROUPED = {**DENSE, "num_key_value_heads": 2}
SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
NO_DROPOUT = {"attention_dropout": 0.0, "hidden_dropout": 0.0, "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
MODELS: dict[str, dict[str, Any]] = {
    "llama": GROUPED,
    "qwen2": GROUPED,
    "qwen3": {**GROUPED, "head_dim": 64},
    "gemma2": {**GROUPED, "head_dim": 64, "sliding_window": 4096},
    "gemma3_text": {**GROUPED, "head_dim": 64, "sliding_window": 4096},
    "phi3": {**GROUPED, **SPECIAL, **NO_DROPOUT},
    "olmo2": {**GROUPED, **SPECIAL},
    "cohere2": {**GROUPED, **SPECIAL, "sliding_window": 4096},
    "starcoder2": {**GROUPED, **SPECIAL, "residual_dropout": 0.0, "embedding_dropout": 0.0, "sliding_window": None},
    "gpt_neox": {**DENSE, **SPECIAL, **NO_DROPOUT},
    "gpt2": {
        "vocab_size": VOCABULARY,
        "n_embd": HIDDEN,
        "n_layer": LAYERS,
        "n_head": 8,
        "n_positions": 1024,
        **SPECIAL,
        **NO_DROPOUT,
    },
    "opt": {
        "vocab_size": VOCABULARY,
        "hidden_size": HIDDEN,
        "word_embed_proj_dim": HIDDEN,
        "ffn_dim": 4 * HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 8,
        "dropout": 0.0,
        **SPECIAL,
    },
    "qwen3_moe": {
        **GROUPED,
        "head_dim": 64,
        "num_experts": 8,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 256,
    },
    "mixtral": {**GROUPED, "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": None},
    "deepseek_v3": {
        **DENSE,
        "num_key_value_heads": 8,
        "q_lora_rank": 96,
        "kv_lora_rank": 64,
        "qk_nope_head_dim": 32,
        "qk_rope_head_dim": 16,
        "v_head_dim": 32,
        "n_routed_experts": 8,
        "num_experts_per_tok": 2,
        "n_group": 2,
        "topk_group": 1,
        "n_shared_experts": 1,
        "moe_intermediate_size": 192,
        "first_k_dense_replace": 1,
    },
    "lfm2": {**GROUPED, **SPECIAL, "layer_types": ["conv", "full_attention", "conv", "full_attention"]},
    "granitemoehybrid": {
        **GROUPED,
        **SPECIAL,
        "num_local_experts": 0,
        "shared_intermediate_size": INNER,
        "layer_types": ["mamba", "attention", "mamba", "attention"],
        "mamba_n_heads": 16,
        "mamba_d_state": 16,
        "mamba_chunk_size": 64,
    },
}
MORE_MODELS: dict[str, dict[str, Any]] = {
    "mistral": {**GROUPED, "sliding_window": 128},
    "granite": {**GROUPED, **SPECIAL},
    "glm4": {**GROUPED, **SPECIAL, "head_dim": 32},
    "phi": {**DENSE, **SPECIAL, **NO_DROPOUT, "hidden_act": "gelu_new", "partial_rotary_factor": 0.5},
    "stablelm": {**GROUPED, **SPECIAL},
    "smollm3": {**GROUPED, **SPECIAL},
    "exaone4": {**GROUPED, **SPECIAL, "sliding_window": None, "layer_types": ["full_attention"] * 4},
    "gemma": {**GROUPED, "head_dim": 64},
    "bloom": {"vocab_size": VOCABULARY, "hidden_size": HIDDEN, "n_layer": LAYERS, "n_head": 8, **SPECIAL},
    "gpt_oss": {
        **GROUPED,
        **SPECIAL,
        "head_dim": 32,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "sliding_window": 128,
        "layer_types": ["sliding_attention", "full_attention"] * 2,
    },
    "qwen3_next": {
        **GROUPED,
        "head_dim": 32,
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 128,
        "shared_expert_intermediate_size": 128,
        "linear_num_key_heads": 4,
        "linear_num_value_heads": 8,
        "linear_key_head_dim": 32,
        "linear_value_head_dim": 32,
        "layer_types": ["linear_attention", "full_attention"] * 2,
    },
    "mamba2": {
        "vocab_size": VOCABULARY,
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_heads": 16,
        "head_dim": 32,
        "state_size": 16,
        "chunk_size": 64,
        "n_groups": 1,
        **SPECIAL,
    },
}
"""Models whose layers are all kept: measured after the formulas stood, to see whether they hold for others."""
TARGETS = {
    "deepseek_v3": ["o_proj", "q_b_proj", "kv_b_proj"],
    "qwen3_moe": ["q_proj", "k_proj", "v_proj", "o_proj"],
    "mixtral": ["q_proj", "k_proj", "v_proj", "o_proj"],
    "gpt_oss": ["q_proj", "k_proj", "v_proj", "o_proj"],
    "qwen3_next": ["q_proj", "v_proj", "in_proj_qkvz"],
    "mamba2": ["in_proj"],
}
"""Targets of the adapters where all linear layers would mean experts too, or modules that PEFT refuses."""
EAGER_ONLY = {"gemma2", "deepseek_v3", "gpt_oss", "bloom", "mamba2"}
"""Models whose scores are capped or values narrower than their keys, for which torch has no fused kernel on the CPU."""


class Tracker(TorchDispatchMode):
    """Counts the storages that operations make until they are freed."""

    def __init__(self, where: Callable[[], str]) -> None:
        super().__init__()
        self.live_bytes = 0
        self.peak_bytes = 0
        self.held: dict[int, tuple[int, str]] = {}
        self._where = where

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(made):
            if isinstance(leaf, torch.Tensor):
                self.add(leaf, str(func))
        return made

    def add(self, tensor: torch.Tensor, name: str) -> None:
        """Count a tensor's storage, once."""
        storage = tensor.untyped_storage()
        key = storage._cdata  # noqa: SLF001 - what a storage is known by
        if key in self.held or not storage.nbytes():
            return
        self.held[key] = (storage.nbytes(), f"{self._where()} {name} {tuple(tensor.shape)} {tensor.dtype}")
        weakref.finalize(storage, self._free, key)
        self.live_bytes += storage.nbytes()
        self.peak_bytes = max(self.peak_bytes, self.live_bytes)

    def _free(self, key: int) -> None:
        self.live_bytes -= self.held.pop(key)[0]

    def restart_peak(self) -> int:
        """The peak until now, from which the next one is counted anew."""
        peak, self.peak_bytes = self.peak_bytes, self.live_bytes
        return peak


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training to measure."""

    model_type: str
    method: str
    checkpointing: bool = False
    precision: str = "bf16"
    attention: str = "sdpa"
    vocab_size: int = VOCABULARY
    seq_length: int = LENGTH
    adapter_precision: str = "auto"
    targets: Any = None
    modules_to_save: tuple[str, ...] = ()

    @property
    def lora_targets(self) -> Any:
        """What gets adapters."""
        if self.targets is not None:
            return self.targets
        return TARGETS.get(self.model_type, "all-linear")


def config_of(run: Run) -> dict[str, Any]:
    """The config of a run's model."""
    return {"model_type": run.model_type, **(MODELS | MORE_MODELS)[run.model_type], "vocab_size": run.vocab_size}


def model_of(run: Run) -> torch.nn.Module:
    """A small model with random weights."""
    config = transformers.AutoConfig.for_model(**config_of(run))
    dtype = torch.bfloat16 if run.precision == "bf16" else torch.float32
    torch.manual_seed(0)
    return transformers.AutoModelForCausalLM.from_config(config, dtype=dtype, attn_implementation=run.attention)


def prepared(model: torch.nn.Module, run: Run) -> torch.nn.Module:
    """The model as it is trained."""
    if run.checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    if run.method == "lora":
        import peft  # noqa: PLC0415 - only adapters need it

        if run.checkpointing:
            model.enable_input_require_grads()
        config = peft.LoraConfig(
            r=16, target_modules=run.lora_targets, modules_to_save=list(run.modules_to_save) or None
        )
        model = peft.get_peft_model(model, config, autocast_adapter_dtype=run.adapter_precision == "auto")
        if run.adapter_precision != "auto":
            model = model.to(torch.bfloat16)
    return model.train()


class Modules:
    """The name of the module that runs."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.stack: list[str] = []
        for name, part in model.named_modules():
            part.register_forward_pre_hook(self._enter(name))
            part.register_forward_hook(self._leave)

    def _enter(self, name: str) -> Callable[..., None]:
        return lambda *_: self.stack.append(name)

    def _leave(self, *_: Any) -> None:
        self.stack.pop()

    def current(self) -> str:
        """Its name; empty outside of the model."""
        return self.stack[-1] if self.stack else ""


def measured(run: Run) -> dict[str, Any]:
    """What the second step of training holds at its moments."""
    model = prepared(model_of(run), run)
    trained = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, foreach=False)
    shape = (BATCH, run.seq_length)
    tokens = torch.randint(3, run.vocab_size, shape, generator=torch.Generator().manual_seed(1))
    model.config.use_cache = False
    moments: dict[str, int] = {}
    modules = Modules(model)
    tracker = Tracker(modules.current)
    for one in [*model.parameters(), *model.buffers()]:
        tracker.add(one, "parameter")
    with tracker:
        for _ in range(2):
            with torch.autocast("cpu", torch.bfloat16, enabled=run.precision == "bf16-mixed"):
                outputs = model(input_ids=tokens, labels=tokens)
            gc.collect()
            moments["after_forward"], moments["forward_peak"] = tracker.live_bytes, tracker.restart_peak()
            details = Counter[str]()
            for size, name in tracker.held.values():
                details[name] += size
            outputs.loss.backward()
            del outputs
            moments["backward_peak"] = tracker.restart_peak()
            optimizer.step()
            moments["step_peak"] = tracker.restart_peak()
            optimizer.zero_grad(set_to_none=True)
            gc.collect()
            moments["between_steps"] = tracker.live_bytes
            tracker.restart_peak()
    return {
        **asdict(run),
        "trainable": sum(one.numel() for one in trained),
        "targets": run.lora_targets,
        "config": config_of(run),
        "batch_size": BATCH,
        **moments,
        "details": details,
    }


BOTH_WAYS = [(method, checkpointing) for method in ("full", "lora") for checkpointing in (False, True)]


def runs() -> Iterator[Run]:
    """What is measured: every model in 16 bits both ways, some with other settings, some with a small vocabulary.

    With a small vocabulary the layers hold most, otherwise the loss or the optimizer.
    """
    for model_type in MODELS:
        for method, checkpointing in BOTH_WAYS:
            yield Run(
                model_type=model_type, method=method, checkpointing=checkpointing, attention=attention_of(model_type)
            )
    for model_type in ("llama", "gemma3_text", "gpt_neox", "qwen3_moe", "lfm2"):
        for method, checkpointing in BOTH_WAYS:
            yield Run(model_type=model_type, method=method, checkpointing=checkpointing, vocab_size=256, seq_length=512)
    for model_type in ("llama", "qwen3", "gpt_neox"):
        yield Run(model_type=model_type, method="full", precision="fp32")
        yield Run(model_type=model_type, method="full", attention="eager")
    for method in ("full", "lora"):
        yield Run(model_type="llama", method=method, precision="bf16-mixed")
    yield from runs_of_adapters()
    for model_type in MORE_MODELS:
        for method in ("full", "lora"):
            yield Run(model_type=model_type, method=method, attention=attention_of(model_type))


def runs_of_adapters() -> Iterator[Run]:
    """Adapters in 16 bits, on few modules, beside trained tables, on an fp32 base, and on fused experts."""
    for model_type in ("llama", "qwen3"):
        for checkpointing in (False, True):
            given: dict[str, Any] = {"model_type": model_type, "method": "lora", "checkpointing": checkpointing}
            yield Run(**given, adapter_precision="bf16")
            yield Run(**given, targets=["q_proj", "v_proj"])
            yield Run(**given, modules_to_save=("embed_tokens", "lm_head"))
            yield Run(**given, precision="fp32")
    for checkpointing in (False, True):
        yield Run(model_type="qwen3_moe", method="lora", checkpointing=checkpointing, targets="all-linear")


def attention_of(model_type: str) -> str:
    """The fused kernel, where there is one."""
    return "eager" if model_type in EAGER_ONLY else "sdpa"


def main() -> None:
    """Measure and print a row of JSON a run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--detail", action="store_true")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the number of the first run")
    parser.add_argument("only", nargs="*", help="model types and methods to measure")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for run in islice(runs(), arguments.first, None):
        wanted = set(arguments.only)
        if wanted & set(MODELS) and run.model_type not in wanted:
            continue
        if wanted & {"full", "lora"} and run.method not in wanted:
            continue
        row = measured(run)
        details = row.pop("details")
        sys.stdout.write(json.dumps(row) + "\n")
        if arguments.detail:
            for name, size in sorted(details.items()):
                if "parameter" not in name:
                    sys.stdout.write(f"  {size / (BATCH * run.seq_length):10.1f}  {name}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
