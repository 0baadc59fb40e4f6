"""Real steps of small models on the CPU, as tools/measure_training.py measured them, and our numbers beside them."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from budsim_widgets.architectures import build
from budsim_widgets.training.moments import Step, step_of
from budsim_widgets.training.settings import TrainingSettings

_SAVED = Path(__file__).parent / "measured_steps.jsonl.gz"
_COPIED = ("method", "batch_size", "seq_length", "precision", "attention", "adapter_precision", "modules_to_save")
PEAKS = ("forward_peak", "backward_peak", "step_peak")

Row = dict[str, Any]


@cache
def rows() -> tuple[Row, ...]:
    """A row a run; the first line of the file names the versions."""
    return tuple(json.loads(line) for line in gzip.decompress(_SAVED.read_bytes()).splitlines()[1:])


def name_of(row: Row) -> str:
    """What a run is called in a test's id."""
    checkpointing = "recomputed" if row["checkpointing"] else "kept"
    parts = (row["model_type"], row["method"], checkpointing, row["precision"], row["attention"], row["vocab_size"])
    more = (
        f"adapters {row['adapter_precision']}",
        *row["modules_to_save"],
        row["targets"] if isinstance(row["targets"], str) else "+".join(row["targets"]),
    )
    return "-".join(map(str, parts + more if row["method"] == "lora" else parts))


def step_of_row(row: Row) -> Step:
    """Our numbers for a run: the tool measures AdamW as a loop, as torch runs it on the CPU."""
    targets = row["targets"] if isinstance(row["targets"], str) else tuple(row["targets"])
    settings = TrainingSettings(
        **{name: row[name] for name in _COPIED if row[name]},
        gradient_checkpointing=row["checkpointing"],
        optimizer="adamw-loop",
        lora_targets=targets,
    )
    return step_of(build(row["config"]), settings)


def measured_peak(row: Row) -> int:
    """The most that the run held."""
    return max(row[peak] for peak in PEAKS)
