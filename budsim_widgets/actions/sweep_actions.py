"""Many models, accelerators and workloads at once: here, or wherever an executor runs it."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.browser import IN_BROWSER
from budsim_widgets.engines import Workload
from budsim_widgets.engines.registry import engine_of
from budsim_widgets.errors import BudsimError, WorkloadError
from budsim_widgets.fitting.sweep_report import SweepReport, SweepRow
from budsim_widgets.fitting.sweeping import Cell, Grid, sweep_grid
from budsim_widgets.hardware.finding import HasAccelerator, find_accelerator
from budsim_widgets.memory.checking import build_checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from budsim_widgets.actions.model_cache import DescribedModels
    from budsim_widgets.engines import Engine
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.resolver import Model

_CELLS_OF_A_TASK: Final = 4_000
"""A tenth of a second: long beside sending a task, short beside a sweep."""

_MAX_NAME_CHARACTERS: Final = 200

_PROGRESS_AFTER_SECONDS: Final = 1.0


class _Unit(NamedTuple):
    """What one process builds once: a model (or why there is none), an engine, a precision."""

    name: str
    config: dict[str, Any] | None
    error: str | None
    engine: Engine
    precision: str


class SweepActions:
    """Sweeps over models, engines, accelerators and workloads.

    Args:
        models: Finds and builds the models.
    """

    def __init__(self, models: DescribedModels) -> None:
        self._models = models

    def sweep(  # noqa: PLR0913 - what is combined
        self,
        models: Model | Iterable[Model],
        *,
        accelerators: Any = None,
        engines: Any = "transformers",
        precisions: str | Iterable[str] = "auto",
        kv_cache_precisions: str | Iterable[str] = "auto",
        seq_lengths: int | Iterable[int] = 2048,
        batch_sizes: int | Iterable[int] = 1,
        tensor_parallel: int = 1,
        pipeline_parallel: int = 1,
        executor: Any = None,
        progress: bool = True,
    ) -> SweepReport:
        """Every combination as a row: what it takes, whether it fits, or why it isn't possible.

        Args:
            models: As of `calculate`; one or several. One that can't be found has its reason in every row.
            accelerators: As of `fit`; one or several. None: nothing is said about fitting.
            engines: Names, or engines with their settings.
            precisions: Formats of the weights; one that only some of the engines run is refused for the others.
            kv_cache_precisions: Formats of keys and values; the same.
            seq_lengths: Tokens of each request.
            batch_sizes: Requests at once.
            tensor_parallel: Devices that share each layer; 1: as many as an accelerator's name counts (`2x3090`).
            pipeline_parallel: Pipeline stages.
            executor: What does the work: an executor of `concurrent.futures`, a client of Dask, or whatever has a
                `submit` whose futures have a `result`. None: this process. Configs are found here, whatever does the
                work: store and token stay on this machine.
            progress: Whether a bar shows how far it is, once it takes longer than a second.

        Raises:
            WorkloadError: A name is unknown everywhere, or a number out of range.

        Example:
            >>> from budsim_widgets.actions import Actions
            >>> config = {"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
            ...     "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
            >>> report = Actions().sweeps.sweep(config, accelerators=["T4", "4090"], seq_lengths=[2048, 32768])
            >>> [(row.accelerator, row.seq_length, row.verdict) for row in report][1:3]
            [('NVIDIA T4 16GB', 32768, 'does_not_fit'), ('NVIDIA RTX 4090 24GB', 2048, 'fits')]
        """
        grid = Grid(
            accelerators=tuple(map(_accelerator, _several(accelerators))),
            kv_cache_precisions=tuple(_several(kv_cache_precisions)),
            seq_lengths=tuple(_several(seq_lengths)),
            batch_sizes=tuple(_several(batch_sizes)),
            tensor_parallel=tensor_parallel,
            pipeline_parallel=pipeline_parallel,
        )
        named = tuple(map(engine_of, _several(engines)))
        formats = tuple(_several(precisions))
        _check(grid, named, formats)
        units = [
            _Unit(*found, *pair) for found in map(self._found, _several(models)) for pair in product(named, formats)
        ]
        with _told(len(units) * len(grid), is_shown=progress) as tell:
            cells = _swept(units, grid, tell) if executor is None else _sent(executor, units, grid, tell)
        return SweepReport(tuple(_rows(units, grid, cells)))

    def _found(self, model: Model) -> tuple[str, dict[str, Any] | None, str | None]:
        """(name, config, why there is none)."""
        try:
            return *self._models.named_config(model), None
        except BudsimError as error:
            return (
                error.model_id or f"{model if isinstance(model, str) else type(model).__name__:.200}",
                None,
                str(error),
            )


def sweep_units(units: Sequence[_Unit], grid: Grid, tell: Callable[[int], object] | None = None) -> list[list[Cell]]:
    """The cells of each unit, wherever this runs; a model is built once for the units that follow one another."""
    swept, built, architecture = [], None, None
    for unit in units:
        try:
            if unit.config is not None and unit.config is not built:
                built, architecture = None, build_checked(unit.config)
                built = unit.config
        except BudsimError as error:
            unit = unit._replace(config=None, error=str(error))  # noqa: PLW2901 - the same, as it turned out
        if unit.config is None or architecture is None:
            swept.append([Cell(error=unit.error)] * len(grid))
        else:
            swept.append(sweep_grid(architecture, unit.engine, unit.precision, grid, tell))
    return swept


def _swept(units: Sequence[_Unit], grid: Grid, tell: Callable[[int], object]) -> list[list[Cell]]:
    return sweep_units(units, grid, tell)


def _sent(executor: Any, units: Sequence[_Unit], grid: Grid, tell: Callable[[int], object]) -> list[list[Cell]]:
    step = max(1, _CELLS_OF_A_TASK // len(grid))
    parts = [units[start : start + step] for start in range(0, len(units), step)]
    futures = [executor.submit(sweep_units, part, grid) for part in parts]
    found: list[list[Cell]] = []
    try:
        for part, future in zip(parts, futures, strict=True):
            found += future.result()
            tell(len(part) * len(grid))
    finally:
        for future in futures:
            future.cancel()  # those that are done stay as they are
    return found


def _rows(units: Sequence[_Unit], grid: Grid, swept: Sequence[Sequence[Cell]]) -> Iterator[SweepRow]:
    labels = [accelerator.label if accelerator else None for accelerator, _ in grid.accelerators]
    keys = [
        (kv_cache_precision, label, seq_length, batch_size)
        for label, kv_cache_precision, seq_length, batch_size in product(
            labels, grid.kv_cache_precisions, grid.seq_lengths, grid.batch_sizes
        )
    ]
    for unit, cells in zip(units, swept, strict=True):
        what = unit.name, _engine_name(unit.engine), unit.precision
        for key, cell in zip(keys, cells, strict=True):
            yield SweepRow._make((*what, *key, *cell))


def _engine_name(engine: Engine) -> str:
    return engine.name if engine == type(engine)() else repr(engine)


def _several(value: Any) -> Iterable[Any]:
    """What was given as one, as one of several."""
    if value is None or isinstance(value, (str, int, dict)) or hasattr(value, "__fspath__") or hasattr(value, "keys"):
        return (value,)
    return tuple(value) if hasattr(value, "__iter__") else (value,)


def _accelerator(given: Any) -> tuple[Accelerator | None, int]:
    if given is None:
        return None, 1
    return (given.accelerator, 1) if isinstance(given, HasAccelerator) else find_accelerator(given)


def _check(grid: Grid, engines: Sequence[Engine], precisions: Sequence[str]) -> None:
    """Refuses what would be refused in every row.

    Raises:
        WorkloadError: As of `SweepActions.sweep`.
    """
    for seq_length in grid.seq_lengths:
        Workload(seq_length=seq_length)
    for batch_size in grid.batch_sizes:
        Workload(batch_size=batch_size)
    Workload(tensor_parallel=grid.tensor_parallel, pipeline_parallel=grid.pipeline_parallel)
    named = [("precision", value) for value in precisions]
    named += [("kv_cache_precision", value) for value in grid.kv_cache_precisions]
    for name, value in named:
        refusals = [_refusal(engine, name, value) for engine in engines]
        if refusals and refusals[-1] is not None and all(refusals):
            raise refusals[-1]


def _refusal(engine: Engine, name: str, value: str) -> WorkloadError | None:
    try:
        Workload.of(engine=engine, **{name: value})
    except WorkloadError as error:
        return error
    return None


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
