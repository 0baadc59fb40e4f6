"""Whether a change left the calculator's answers as they were: takes thousands of them, and compares two takings.

    python tools/answers.py take before.jsonl.gz --tree ../the/checkout/before
    python tools/answers.py take after.jsonl.gz
    python tools/answers.py compare before.jsonl.gz after.jsonl.gz

The models are those that the tests know: the default config of every class that transformers lists, released models,
and one model in every number format. Each is asked every question of `QUESTIONS` that its kind can be asked, and the
answer is kept whole, as `to_dict()` gives it, or as the refusal that stands in its place. The models and the questions
are those of this checkout, also where the package is another's.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parent.parent
ROWS = ROOT / "tests" / "architectures" / "oracle"
SHOWN = 6

QUESTIONS: dict[str, dict[str, Any]] = {
    "transformers": {},
    "transformers, batch 8 x 32,768": {"batch_size": 8, "seq_length": 32768},
    "transformers, 4-bit": {"precision": "int4"},
    "transformers, 8-bit, pipeline of 2": {"precision": "int8", "pipeline_parallel": 2},
    "transformers, fp32, tensor 8": {"precision": "fp32", "tensor_parallel": 8},
    "vllm": {"engine": "vllm"},
    "vllm, fp8": {"engine": "vllm", "precision": "fp8", "kv_cache_precision": "fp8", "seq_length": 8192},
    "vllm, tensor 4, pipeline 2": {"engine": "vllm", "tensor_parallel": 4, "pipeline_parallel": 2},
    "vllm, 64 sequences": {"engine": {"name": "vllm", "max_num_seqs": 64, "enforce_eager": True}, "batch_size": 64},
    "sglang": {"engine": "sglang", "seq_length": 8192},
    "sglang, tensor 2": {"engine": "sglang", "tensor_parallel": 2, "kv_cache_precision": "fp8"},
    "llama.cpp": {"engine": "llama.cpp", "seq_length": 4096},
    "llama.cpp, Q4_K_M, q8_0": {"engine": "llama.cpp", "precision": "Q4_K_M", "kv_cache_precision": "q8_0"},
    "llama.cpp, 10 layers": {"engine": {"name": "llama.cpp", "gpu_layers": 10}, "precision": "Q8_0", "batch_size": 4},
}
"""What `calculate` is asked."""

FITS: dict[str, dict[str, Any]] = {
    "fit, transformers": {"accelerator": "RTX 4090", "seq_length": 4096},
    "fit, vllm": {"accelerator": "H100 80GB", "engine": "vllm", "seq_length": 4096},
    "fit, vllm, 4 of them": {"accelerator": "4xA100 80GB", "engine": "vllm", "seq_length": 8192},
    "fit, sglang": {"accelerator": "H100 80GB", "engine": "sglang", "seq_length": 4096},
    "fit, llama.cpp": {"accelerator": "RTX 3090", "engine": "llama.cpp", "precision": "Q4_K_M"},
}
"""What `fit` is asked."""

TUNINGS: dict[str, dict[str, Any]] = {
    "finetune, lora": {"method": "lora"},
    "finetune, qlora": {"method": "qlora", "batch_size": 4},
    "finetune, full, zero3 on 8": {"method": "full", "num_devices": 8, "sharding": "zero3"},
}
"""What `finetune` is asked."""

LENGTHS = (1024, 8192, 131072)


class Answer(NamedTuple):
    """What a model was asked, and the answer as JSON values."""

    model: str
    question: str
    answer: dict[str, Any]


def models() -> Iterator[tuple[str, dict[str, Any]]]:
    """The models: a name that says where each is from, and its config."""
    for row in read_lines(ROWS / "defaults.jsonl.gz")[1:]:
        yield f"default {row['model_type']} {row['architecture']}", row["config"]
    llama = {}
    for row in map(json.loads, (ROWS / "published.jsonl").read_text(encoding="utf-8").splitlines()):
        yield f"released {row['model']}", row["config"]
        llama = row["config"] if row["config"]["model_type"] == "llama" else llama
    sys.path.append(str(ROOT / "tests"))
    from formats.quantization_configs import QUANTIZATION_CONFIGS  # noqa: PLC0415 - the package may be another checkout's

    for method, configs in QUANTIZATION_CONFIGS.items():
        for index, quantization in enumerate(configs):
            yield (
                f"quantized {method} {index}",
                {**llama, "quantization_config": {"quant_method": method, **quantization}},
            )


def questions() -> dict[str, Callable[[dict[str, Any]], Any]]:
    """Each question, with what asks it of the package that is imported."""
    import budsim_widgets as bw  # noqa: PLC0415 - found where `--tree` says

    return {
        **{name: partial(bw.calculate, **workload) for name, workload in QUESTIONS.items()},
        "analyze": partial(bw.analyze, seq_lengths=LENGTHS),
        **{name: partial(bw.fit, **workload) for name, workload in FITS.items()},
        **{name: partial(bw.finetune, **settings) for name, settings in TUNINGS.items()},
    }


def answered(ask: Callable[[dict[str, Any]], Any], config: dict[str, Any]) -> dict[str, Any]:
    """The answer; a refusal or a crash stands in its place."""
    from budsim_widgets.errors import BudsimError  # noqa: PLC0415 - found where `--tree` says

    try:
        return dict(ask(config).to_dict())
    except BudsimError as error:
        return {"refused": error.to_dict()}
    except Exception as error:  # noqa: BLE001 - a crash is an answer to compare as well
        return {"crashed": f"{type(error).__name__}: {error}"}


def take(out: Path, tree: Path) -> None:
    """Write the answers of a checkout's package to a file."""
    sys.path.insert(0, str(tree.resolve()))
    asked = questions()
    answers = [
        Answer(model, question, answered(ask, config)) for model, config in models() for question, ask in asked.items()
    ]
    lines = (json.dumps(answer._asdict(), sort_keys=True) for answer in answers)
    out.write_bytes(gzip.compress("\n".join(lines).encode(), compresslevel=5, mtime=0))
    refused = sum(set(answer.answer) <= {"refused", "crashed"} for answer in answers)
    print(f"{len(answers):,} answers, {refused:,} of them refusals")  # noqa: T201 - the report


def compare(before: Path, after: Path) -> int:
    """Print what differs, by question and field; 1 where anything does."""
    olds, news = ({(row["model"], row["question"]): row["answer"] for row in read_lines(at)} for at in (before, after))
    both = olds.keys() & news.keys()
    differing: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for model, question in sorted(both):
        old, new = olds[model, question], news[model, question]
        if old != new:
            differing[question, tuple(sorted(differing_fields(old, new)))].append(model)
    for (question, fields), found in differing.items():
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        print(f"{question} · {', '.join(fields)} · {len(found)}: {', '.join(found[:SHOWN])}{more}")  # noqa: T201
    number = sum(map(len, differing.values()))
    alone = len(olds.keys() ^ news.keys())
    print(f"{len(both):,} answers compared, {number:,} differ; {alone:,} are in one file alone")  # noqa: T201
    return int(number > 0)


def differing_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """The fields of two answers that aren't the same."""
    return (name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a compressed file."""
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def main() -> int:
    """Take or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    taking = commands.add_parser("take", help="write the answers of a checkout to a file")
    taking.add_argument("out", type=Path)
    taking.add_argument("--tree", type=Path, default=ROOT, help="the checkout whose package answers; default: this one")
    comparing = commands.add_parser("compare", help="compare two files of answers")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    asked = parser.parse_args()
    if asked.command == "compare":
        return compare(asked.before, asked.after)
    take(asked.out, asked.tree)
    return 0


if __name__ == "__main__":
    sys.exit(main())
