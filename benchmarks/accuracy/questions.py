"""What is asked, and what is true: totals that publishers name, caches that ran, tensors that llama-quantize counted.

None of it is made by this package; where each comes from stands in the README files beside the data.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[2] / "tests"
MIB = 2**20

Kind = Literal["parameters", "KV cache", "GGUF file", "vLLM tokens"]
KINDS: tuple[Kind, ...] = ("parameters", "KV cache", "GGUF file", "vLLM tokens")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One number that is asked for.

    Attributes:
        kind: Which: a count, bytes of keys and values in bfloat16, bytes of a file's tensors, or tokens.
        model_id: The model's name on the Hub, or that of the config that ran.
        config: Its config.json.
        true: The number.
        batch_size: Requests at once.
        seq_length: Tokens of each.
        file_type: Of a GGUF file.
        settings: Of vLLM.
        accelerator: On which vLLM ran, and its memory as CUDA reports it.
        tensor_parallel: Over how many of them.
    """

    kind: Kind
    model_id: str
    config: dict[str, Any]
    true: float
    batch_size: int = 1
    seq_length: int = 2048
    file_type: str = ""
    settings: tuple[tuple[str, Any], ...] = ()
    accelerator: tuple[str, float] = ("", 0.0)
    tensor_parallel: int = 1

    def right_to(self) -> float:
        """The relative error up to which an answer is exact: bytes and counts are; MiB are told to two decimals."""
        return 0.005 * MIB / self.true if self.kind == "GGUF file" else 0.0


def questions() -> list[Question]:
    """All of them."""
    return [*_parameters(), *_caches(), *_files(), *_tokens()]


def _parameters() -> Iterator[Question]:
    for row in _lines(TESTS / "architectures" / "oracle" / "published.jsonl"):
        yield Question(kind="parameters", model_id=row["model"], config=row["config"], true=row["num_parameters"])


def _caches() -> Iterator[Question]:
    """Of each model type the longest run whose cache holds keys and values."""
    longest: dict[str, dict[str, Any]] = {}
    for row in _lines(TESTS / "architectures" / "oracle" / "cache_runs.jsonl.gz"):
        is_causal = row.get("kv_bytes") and row["architecture"].endswith("ForCausalLM")
        if is_causal and row["seq_length"] > longest.get(row["model_type"], {"seq_length": 0})["seq_length"]:
            longest[row["model_type"]] = row
    for row in longest.values():
        yield Question(
            kind="KV cache",
            model_id=f"runs/{row['name'].replace('+', '-')}",
            config={**row["config"], "dtype": "bfloat16"},
            true=row["kv_bytes"],
            batch_size=row["batch"],
            seq_length=row["seq_length"],
        )


def _files() -> Iterator[Question]:
    models = json.loads(gzip.decompress((TESTS / "formats" / "gguf" / "totals.json.gz").read_bytes()))["models"]
    for model_id, row in models.items():
        # The file that was counted has no biases, as the released config says, which this one leaves out.
        config = {**row["config"], **({"attention_bias": False} if row["config"]["model_type"] == "glm4" else {})}
        for file_type in ("Q8_0", "Q4_K_M"):
            yield Question(
                kind="GGUF file",
                model_id=model_id,
                config=config,
                true=row["tensor_mib"][file_type] * MIB,
                file_type=file_type,
            )


def _tokens() -> Iterator[Question]:
    for row in _lines(TESTS / "engines" / "vllm" / "runs.jsonl.gz"):
        workload, logged = row["workload"], row["logged"].get("kv_tokens")
        if not logged or not row.get("accelerator") or not row["gpu_total_gib"]:
            continue
        if not row["has_length"]:  # the log doesn't say for how long a context it was started
            continue
        yield Question(
            kind="vLLM tokens",
            model_id=row["model"],
            config=row["config"],
            true=logged,
            seq_length=workload["seq_length"],
            settings=tuple(row["settings"].items()),
            accelerator=(row["accelerator"], row["gpu_total_gib"]),
            tensor_parallel=workload["tensor_parallel"],
        )


def _lines(path: Path) -> list[dict[str, Any]]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    rows = map(json.loads, text.splitlines())
    return [row for row in rows if "source" not in row or "config" in row]
