"""Many models, accelerators and workloads at once, as rows."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from budsim_widgets.actions.reports import several
from budsim_widgets.actions.sweep_units import SweepUnit, swept
from budsim_widgets.engines import Workload
from budsim_widgets.engines.registry import engine_of
from budsim_widgets.errors import BudsimError, WorkloadError
from budsim_widgets.fitting.grid import Grid
from budsim_widgets.fitting.sweep_report import SweepReport, SweepRow
from budsim_widgets.hardware.finding import HasAccelerator, find_accelerator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from budsim_widgets.actions.model_cache import DescribedModels
    from budsim_widgets.engines import Engine
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.resolver import Model


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
            accelerators=tuple(map(_accelerator, several(accelerators))),
            kv_cache_precisions=tuple(several(kv_cache_precisions)),
            seq_lengths=tuple(several(seq_lengths)),
            batch_sizes=tuple(several(batch_sizes)),
            tensor_parallel=tensor_parallel,
            pipeline_parallel=pipeline_parallel,
        )
        named = tuple(map(engine_of, several(engines)))
        formats = tuple(several(precisions))
        _check(grid, named, formats)
        units = [
            SweepUnit(*found, *pair) for found in map(self._found, several(models)) for pair in product(named, formats)
        ]
        cells = swept(units, grid, executor=executor, progress=progress)
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


def _rows(
    units: Sequence[SweepUnit], grid: Grid, cells_of_units: Sequence[Sequence[tuple[Any, ...]]]
) -> Iterator[SweepRow]:
    labels = [accelerator.label if accelerator else None for accelerator, _ in grid.accelerators]
    keys = [
        (kv_cache_precision, label, seq_length, batch_size)
        for label, kv_cache_precision, seq_length, batch_size in product(
            labels, grid.kv_cache_precisions, grid.seq_lengths, grid.batch_sizes
        )
    ]
    for unit, cells in zip(units, cells_of_units, strict=True):
        what = unit.name, _engine_name(unit.engine), unit.precision
        for key, cell in zip(keys, cells, strict=True):
            yield SweepRow._make((*what, *key, *cell))


def _engine_name(engine: Engine) -> str:
    return engine.name if engine == type(engine)() else repr(engine)


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
