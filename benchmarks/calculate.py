"""How fast the calculator is, beside building the same models on the meta device.

    python benchmarks/calculate.py [--oracle-python PATH]

With the path of a Python that has torch and transformers, that one builds the same configs with
`torch.device("meta")`, in the same run, and the ratios are printed. Medians of wall times.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from budsim_widgets.actions import Actions  # noqa: E402 - the checkout that this file belongs to
from budsim_widgets.architectures import build  # noqa: E402
from budsim_widgets.engines import Workload  # noqa: E402
from budsim_widgets.fitting import fits, recommend  # noqa: E402
from budsim_widgets.hardware import accelerators  # noqa: E402
from budsim_widgets.memory import measure  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

MODELS: dict[str, dict[str, Any]] = {
    "Llama-3.1-8B": {
        "model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "dtype": "bfloat16",
    },
    "Llama-3.1-70B": {
        "model_type": "llama", "vocab_size": 128256, "hidden_size": 8192, "intermediate_size": 28672,
        "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8, "dtype": "bfloat16",
    },
    "DeepSeek-V3": {
        "model_type": "deepseek_v3", "vocab_size": 129280, "hidden_size": 7168, "intermediate_size": 18432,
        "moe_intermediate_size": 2048, "num_hidden_layers": 61, "num_attention_heads": 128,
        "num_key_value_heads": 128, "n_routed_experts": 256, "num_experts_per_tok": 8, "n_shared_experts": 1,
        "first_k_dense_replace": 3, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64, "v_head_dim": 128, "n_group": 8, "topk_group": 4, "dtype": "bfloat16",
    },
    "Qwen3-Next-80B": {
        "model_type": "qwen3_next", "vocab_size": 151936, "hidden_size": 2048, "intermediate_size": 5120,
        "num_hidden_layers": 48, "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 256,
        "num_experts": 512, "num_experts_per_tok": 10, "moe_intermediate_size": 512,
        "shared_expert_intermediate_size": 512, "dtype": "bfloat16",
    },
    "Gemma-3n-E4B": {
        "model_type": "gemma3n_text", "vocab_size": 262400, "hidden_size": 2048, "intermediate_size": 16384,
        "num_hidden_layers": 35, "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 256,
        "dtype": "bfloat16",
    },
}  # fmt: skip
GOALS_MS = {
    "import": 50.0,
    "first Llama-3.1-70B": 1.0,
    "first DeepSeek-V3": 3.0,
    "first Qwen3-Next-80B": 3.0,
    "first Gemma-3n-E4B": 3.0,
    "next": 0.05,
}

STANDARD_LIBRARY = "import dataclasses, functools, importlib, json, pkgutil, re, typing"
CALCULATOR = "import budsim_widgets.architectures, budsim_widgets.memory, budsim_widgets.hardware"
IMPORT = """
import time
start = time.perf_counter()
{}
print(time.perf_counter() - start)
"""
ON_META = """
import json, sys, time
import torch, transformers
from statistics import median
transformers.logging.set_verbosity_error()
for line in sys.stdin:
    name, fields = json.loads(line)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        config = transformers.AutoConfig.for_model(**fields)
        with torch.device("meta"):
            model = transformers.AutoModelForCausalLM.from_config(config)
        total = sum(tensor.numel() for tensor in model.parameters())
        times.append(time.perf_counter() - start)
    print(json.dumps([name, median(times), total]), flush=True)
"""


def median_ms(repeats: int, action: Callable[[], object]) -> float:
    """Median wall time of an action, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return median(times) * 1000


def import_ms(imports: str, repeats: int = 11) -> float:
    """Median time of imports in a new process, compiled before, without starting Python."""
    with TemporaryDirectory() as compiled:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        settings: dict[str, Any] = {"env": {**kept, "PYTHONPYCACHEPREFIX": compiled}, "cwd": ROOT, "text": True}
        command = [sys.executable, "-c", IMPORT.format(imports)]
        runs = [subprocess.run(command, capture_output=True, check=True, **settings) for _ in range(repeats + 1)]
    return median(float(run.stdout) for run in runs[1:]) * 1000


def first_ms(config: dict[str, Any]) -> float:
    """Median time from a config dict that wasn't seen before to its report."""
    return median_ms(201, lambda: measure(build(dict(config)), Workload()))


def next_ms(config: dict[str, Any], **workload: Any) -> float:
    """Median time from a new workload to the report, for an architecture that was measured before."""
    architecture, lengths = build(config), count(1)
    return median_ms(5001, lambda: measure(architecture, Workload(seq_length=next(lengths), **workload)))


def calculate_ms(config: dict[str, Any]) -> float:
    """Median time of `calculate` with a new workload, for a config dict that was calculated before."""
    actions, lengths = Actions(), count(1)
    return median_ms(5001, lambda: actions.calculate(config, seq_length=next(lengths)))


def advice_ms(config: dict[str, Any]) -> tuple[float, float]:
    """Median times of placing a report on all accelerators, and of its recommendations."""
    report = measure(build(config), Workload(seq_length=8192))
    placed = median_ms(1001, lambda: [fits(report, accelerator) for accelerator in accelerators()])
    return placed, median_ms(1001, lambda: recommend(replace(report)))


def on_meta(python: str) -> dict[str, tuple[float, int]]:
    """Milliseconds and parameters of the same models built on the meta device."""
    lines = "".join(json.dumps([name, config]) + "\n" for name, config in MODELS.items())
    done = subprocess.run([python, "-c", ON_META], input=lines, capture_output=True, check=False, text=True)
    if done.returncode:
        reason = (done.stderr.splitlines() or ["it ended"])[-1]
        sys.exit(f"{python} can't build the models ({reason}): it needs torch and transformers.")
    rows = (json.loads(line) for line in done.stdout.splitlines())
    return {name: (seconds * 1000, total) for name, seconds, total in rows}


def show(name: str, milliseconds: float, goal: float | None = None) -> None:
    """One figure, with its goal."""
    said = f"   (goal {goal:g} ms)" if goal is not None else ""
    print(f"{name:44} {milliseconds:9.3f} ms{said}")


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle-python", help="a Python that has torch and transformers")
    asked = parser.parse_args()
    show("import of the calculator", import_ms(CALCULATOR), GOALS_MS["import"])
    show("  of which the standard library", import_ms(STANDARD_LIBRARY))
    first = {name: first_ms(config) for name, config in MODELS.items()}
    for name, config in MODELS.items():
        show(f"{name}: config dict to report", first[name], GOALS_MS.get(f"first {name}"))
        show(f"{name}: next workload, as an action", calculate_ms(config), GOALS_MS["next"])
        show(f"{name}: next workload", next_ms(config))
        show(f"{name}: next workload, tensor_parallel=8", next_ms(config, tensor_parallel=8))
        placed, recommended = advice_ms(config)
        show(f"{name}: on all accelerators", placed)
        show(f"{name}: recommendations, when read", recommended)
    if asked.oracle_python:
        for name, (milliseconds, total) in on_meta(asked.oracle_python).items():
            agrees = total == build(MODELS[name]).num_parameters
            print(
                f"{name}: on the meta device {milliseconds:,.1f} ms, {milliseconds / first[name]:,.0f} times as long; "
                f"the parameters {'agree' if agrees else 'DIFFER'} ({total:,})"
            )


if __name__ == "__main__":
    main()
