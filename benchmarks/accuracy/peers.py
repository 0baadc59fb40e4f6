"""Other calculators of the package registry: how each is asked in its own environment, and where its answer stands.

A tool that isn't listed under a kind says nothing of it. A number is taken as it is printed, in the unit of the tool's
own code: what is rounded can't be exact, and is counted by how close it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from questions import Kind, Question

GIB = 2**30

_CATALOGUE = {
    **dict.fromkeys(("Llama-3.1-8B", "Meta-Llama-3.1-8B"), "llama-3.1-8b"),
    "Llama-3.3-70B": "llama-3.3-70b",
    **dict.fromkeys(("Mixtral-8x7B-v0.1", "Mixtral-8x7B-Instruct-v0.1"), "mixtral-8x7b-moe"),
}

Ask: TypeAlias = "Callable[[Question, Path], list[str]]"
Read: TypeAlias = "Callable[[Question, str], float | None]"


@dataclass(frozen=True)
class Peer:
    """Another tool.

    Attributes:
        package: Its name in the registry.
        command: Its program.
        asked: The arguments for a question, given the path of its config.json.
        read: What its output says, by the kind of question.
        is_large: Whether its environment takes gigabytes (torch).
        reads_files: Whether it reads a repository's weights, or those beside the config, and answers only so.
    """

    package: str
    command: str
    asked: Ask
    read: Mapping[Kind, Read] = field(default_factory=dict)
    is_large: bool = False
    reads_files: bool = False


def _json(output: str, *path: str) -> float:
    value = json.loads(output[output.index("{") :])
    for name in path:
        value = value[name]
    return float(value)


def _found(pattern: str, output: str) -> float | None:
    match = re.search(pattern, output)
    return float(match[1].replace(",", "")) if match else None


def _times(pattern: str, output: str) -> float | None:
    match = re.search(pattern, output)
    return float(match[1]) * {"M": 1e6, "B": 1e9}[match[2]] if match else None


def _shape(question: Question, context: str, batch: str) -> list[str]:
    return [context, str(question.seq_length), batch, str(question.batch_size)]


def _catalogued(question: Question) -> str:
    """The name under which iaexplore-profiler lists a model; others it doesn't take."""
    return _CATALOGUE.get(question.model_id.removesuffix("-Instruct").rpartition("/")[2], question.model_id)


def _adam_table(question: Question, output: str) -> float | None:
    """Parameters from the total size in float16, which accelerate prints in GB of 2**30 bytes."""
    del question
    match = re.search(r"float16│[^│]*│\s*([\d.]+) (MB|GB|TB)", output)
    return float(match[1]) * 2 ** {"MB": 20, "GB": 30, "TB": 40}[match[2]] / 2 if match else None


PEERS = (
    Peer(
        "vramcalc",
        "vramcalc",
        lambda question, path: [
            "estimate",
            str(path),
            "--json",
            "--dtype",
            "bf16",
            *_shape(question, "--seq", "--batch"),
        ],
        {
            "parameters": lambda _, output: _json(output, "estimate", "weights") / 2,
            "KV cache": lambda _, output: _json(output, "estimate", "kv_cache"),
        },
    ),
    Peer(
        "vramscout",
        "vramscout",
        lambda question, path: [
            *(str(path), "--json", "--engine", "generic", "--vram-gib", "80", "--kv-dtype", "bf16"),
            *_shape(question, "--context", "--batch-size"),
        ],
        {
            "parameters": lambda _, output: _json(output, "profile", "num_params"),
            "KV cache": lambda _, output: round(_json(output, "parts_gib", "KV cache") * GIB),
        },
    ),
    Peer(
        "llm-mem-planner",
        "llm-mem",
        lambda question, path: ["--config", str(path), *_shape(question, "--seq-len", "--batch")],
        {"parameters": lambda _, output: _times(r"TOTAL:\s*([\d.]+)([MB]) params", output)},
    ),
    Peer(
        "llm-resource-planner",
        "llm-plan",
        lambda _, path: [str(path.parent)],
        {"parameters": lambda _, output: (_found(r"Parameters: ~([\d.]+)B", output) or 0) * 1e9 or None},
    ),
    Peer(
        "accelerate",
        "accelerate",
        lambda question, _: [
            *("estimate-memory", question.model_id, "--library_name", "transformers", "--dtypes", "float16")
        ],
        {"parameters": _adam_table},
        is_large=True,
    ),
    Peer(
        "iaexplore-llm-profiler",
        "iaexplore-profiler",
        lambda question, _: ["--model", _catalogued(question), "--quant", question.file_type or "BF16", "--json"],
        {
            "parameters": lambda _, output: _json(output, "total_params_b") * 1e9,
            "GGUF file": lambda _, output: _json(output, "vram_weights_gb") * GIB,
        },
    ),
    Peer(
        "hf-mem",
        "hf-mem",
        lambda question, _: ["--model-id", question.model_id, "--json-output", "--experimental"],
        {"parameters": lambda _, output: _json(output, "memory") / 2},
        reads_files=True,
    ),
    Peer(
        "modelinfo-cli",
        "modelinfo",
        lambda question, _: [question.model_id, "--timeout", "5"],
        {"parameters": lambda _, output: _found(r"[Pp]arameters[^\d]*([\d,]+)", output)},
        reads_files=True,
    ),
    Peer(
        "kvfit",
        "kvfit",
        lambda question, _: [
            *(question.model_id, "--json", "--hardware", "custom:80", "--kv-dtype", "bf16"),
            *("--context", str(question.seq_length)),
        ],
        {"parameters": lambda _, output: _json(output, "parameters")},
        reads_files=True,
    ),
    Peer(
        "llm-cal",
        "llm-cal",
        lambda question, _: [question.model_id, "--gpu", "A100-80G", "--context-length", str(question.seq_length)],
        {"parameters": lambda _, output: (_found(r"[Pp]arams[^\d]*([\d.]+)B", output) or 0) * 1e9 or None},
        reads_files=True,
    ),
    Peer(
        "llm-x-py",
        "llm-x",
        lambda question, path: ["-m", str(path.parent), *_shape(question, "--context", "--batch")],
        {"parameters": lambda _, output: (_found(r"[Pp]arameters[^\d]*([\d.]+)\s*B", output) or 0) * 1e9 or None},
        reads_files=True,
    ),
)
