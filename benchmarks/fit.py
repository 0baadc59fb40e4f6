"""How fast `fit` is with everything solved, and what it costs beside one report of the same model.

    python benchmarks/fit.py

Medians of wall times, on models that are known already; side by side with a report of another workload, so that the
ratio holds on any machine.
"""

from __future__ import annotations

import sys
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from calculate import MODELS  # noqa: E402 - a neighbour of this file

from budsim_widgets.architectures import build  # noqa: E402
from budsim_widgets.engines import ENGINES, Workload  # noqa: E402
from budsim_widgets.fitting import fit  # noqa: E402
from budsim_widgets.hardware import find  # noqa: E402
from budsim_widgets.memory import measure  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.hardware import Accelerator

ACCELERATOR = "H100 80GB"
ROUNDS = 40


def main() -> None:
    """Print a line for each model and engine."""
    accelerator = find(ACCELERATOR)
    print(f"{'model':<18}{'engine':<14}{'fit':>10}{'report':>12}{'ratio':>8}")
    for name, config in MODELS.items():
        architecture = build(config)
        for engine in ENGINES:
            lengths = cycle(range(4096, 8192))
            fit_ms = milliseconds(partial(fitted, architecture, engine, accelerator, lengths))
            report_ms = milliseconds(partial(measured, architecture, engine, accelerator, lengths))
            print(f"{name:<18}{engine:<14}{fit_ms:>7.2f} ms{report_ms:>9.3f} ms{fit_ms / report_ms:>8.0f}")


def fitted(architecture: Architecture, engine: str, accelerator: Accelerator, lengths: Iterator[int]) -> None:
    """Everything that `fit` solves, for a length that wasn't asked for before."""
    workload = Workload.of(engine=engine, seq_length=next(lengths), accelerator=accelerator)
    fit(architecture, workload, accelerator)


def measured(architecture: Architecture, engine: str, accelerator: Accelerator, lengths: Iterator[int]) -> None:
    """One report of such a length."""
    measure(architecture, Workload.of(engine=engine, seq_length=next(lengths), accelerator=accelerator))


def milliseconds(call: Callable[[], None]) -> float:
    """The median time of a call, after a first one."""
    call()
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return 1000 * median(times)


if __name__ == "__main__":
    main()
