"""The units of a sweep, each of which builds its model once: worked through here, or wherever an executor runs them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.browser import IN_BROWSER
from budsim_widgets.errors import BudsimError
from budsim_widgets.fitting.grid import Cell, Grid
from budsim_widgets.fitting.sweeping import sweep_grid
from budsim_widgets.memory.checking import build_checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from budsim_widgets.engines import Engine

_CELLS_OF_A_TASK: Final = 4_000
"""A tenth of a second: long beside sending a task, short beside a sweep."""

_PROGRESS_AFTER_SECONDS: Final = 1.0


class SweepUnit(NamedTuple):
    """What one process builds once: a model (or why there is none), an engine, a precision."""

    name: str
    config: dict[str, Any] | None
    error: str | None
    engine: Engine
    precision: str


def swept(
    units: Sequence[SweepUnit], grid: Grid, *, executor: Any = None, progress: bool = True
) -> Sequence[Sequence[tuple[Any, ...]]]:
    """The fields of the cells of each unit.

    Args:
        units: The units; those of one model follow one another.
        grid: What each is combined with.
        executor: What runs them, with `submit` as of `concurrent.futures`; None: this process.
        progress: Whether a bar shows how far it is.
    """
    with _told(len(units) * len(grid), is_shown=progress) as tell:
        return sweep_units(units, grid, tell) if executor is None else _sent(executor, units, grid, tell)


def sweep_units(
    units: Sequence[SweepUnit], grid: Grid, tell: Callable[[int], object] | None = None
) -> list[list[Cell]]:
    """The cells of each unit, wherever this runs; a model is built once for the units that follow one another."""
    found, built, architecture = [], None, None
    for unit in units:
        try:
            if unit.config is not None and unit.config is not built:
                built, architecture = None, build_checked(unit.config)
                built = unit.config
        except BudsimError as error:
            unit = unit._replace(config=None, error=str(error))  # noqa: PLW2901 - the same, as it turned out
        if unit.config is None or architecture is None:
            found.append([Cell(error=unit.error)] * len(grid))
        else:
            found.append(sweep_grid(architecture, unit.engine, unit.precision, grid, tell))
    return found


def plain_units(units: Sequence[SweepUnit], grid: Grid) -> list[list[tuple[Any, ...]]]:
    """The same as they are sent: plain tuples are packed and unpacked five times as fast as named ones."""
    return [[tuple(cell) for cell in cells] for cells in sweep_units(units, grid)]


def _sent(
    executor: Any, units: Sequence[SweepUnit], grid: Grid, tell: Callable[[int], object]
) -> list[list[tuple[Any, ...]]]:
    step = max(1, _CELLS_OF_A_TASK // len(grid))
    parts = [units[start : start + step] for start in range(0, len(units), step)]
    futures = [executor.submit(plain_units, part, grid) for part in parts]
    found: list[list[tuple[Any, ...]]] = []
    try:
        for part, future in zip(parts, futures, strict=True):
            found += future.result()
            tell(len(part) * len(grid))
    except BaseException:  # of an interruption too; not when all is well: Dask forgets the results of what is cancelled
        for future in futures:
            future.cancel()
        raise
    return found


@contextmanager
def _told(total: int, *, is_shown: bool) -> Iterator[Callable[[int], object]]:
    """Counts what is done, and shows it once it takes longer than a second."""
    if not is_shown:
        yield lambda _: None
        return
    from tqdm.auto import tqdm  # noqa: PLC0415 - only a sweep has a bar

    if IN_BROWSER:
        tqdm.monitor_interval = 0  # its monitor is a thread
    with tqdm(total=total, unit=" combinations", delay=_PROGRESS_AFTER_SECONDS, leave=False) as bar:
        yield bar.update
