"""A model in every precision that an engine runs, side by side: which file fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting.limits import longest_context, most_gpu_layers
from budsim_widgets.fitting.placement import Placement
from budsim_widgets.memory import measure
from budsim_widgets.memory.shown import ShownTable
from budsim_widgets.memory.weights import weights_of
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Workload
    from budsim_widgets.fitting.placement import Verdict
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.hardware import Accelerator

_NOT_COMPARED = ("auto", "fp32")
_PLAIN = frozenset({"bf16", "fp16"})
_HEADERS = ("precision", "file", "weights", "total", "verdict", "free", "context", "layers on the GPU", "basis")
_MARK = "* "


@dataclass(frozen=True, kw_only=True)
class PrecisionRow:
    """One precision of a comparison.

    Attributes:
        precision: Its name, as `precision=` takes it.
        file_bytes: Bytes of the weights in their files.
        weight_bytes: Bytes of the weights on the devices.
        total_bytes: All that the devices hold.
        basis: Whether weights and cache are exact.
        verdict: Whether it fits; None: no accelerator was named.
        free_bytes: What stays free on the fullest device; negative: what it lacks.
        max_seq_length: The longest context; None where it isn't limited, or nothing was named.
        gpu_layers: The most layers that fit on the devices, where the engine places them one by one.
    """

    precision: str
    file_bytes: int
    weight_bytes: int
    total_bytes: int
    basis: Basis
    verdict: Verdict | None = None
    free_bytes: int | None = None
    max_seq_length: int | None = None
    gpu_layers: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Its fields, as JSON has them."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, kw_only=True, repr=False)
class PrecisionsReport(ShownTable):
    """A model in every precision of an engine, the largest files first.

    Attributes:
        model_id: The Hub id, or None.
        workload: What all of them were measured under; its `precision` counts for none of them.
        accelerator: The device, or None.
        rows: The precisions.
        best: The largest that fits, else the largest that is tight; None where none is.
        headers: The columns of its table.
    """

    headers: ClassVar[tuple[str, ...]] = _HEADERS

    model_id: str | None
    workload: Workload
    accelerator: Accelerator | None
    rows: tuple[PrecisionRow, ...]
    best: PrecisionRow | None

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain JSON values."""
        return {
            "model_id": self.model_id,
            "workload": self.workload.to_dict(),
            "accelerator": self.accelerator.to_dict() if self.accelerator else None,
            "best": self.best.precision if self.best else None,
            "rows": [row.to_dict() for row in self.rows],
        }

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame, one row a precision, indexed by its name.

        Raises:
            ModuleNotFoundError: pandas isn't installed; the message says how to install it.
        """
        from budsim_widgets.memory.tables import data_frame  # noqa: PLC0415 - shown later than computed

        return data_frame((row.to_dict() for row in self.rows), index="precision")

    def cells(self) -> Iterator[tuple[str, ...]]:
        """The cells of a table, by `headers`; the best is marked."""
        for row in self.rows:
            name = f"{_MARK}{row.precision}" if row is self.best else row.precision
            yield (
                name,
                format_bytes(row.file_bytes),
                format_bytes(row.weight_bytes),
                format_bytes(row.total_bytes),
                (row.verdict or "-").replace("_", " "),
                "-" if row.free_bytes is None else format_bytes(row.free_bytes),
                "-" if row.max_seq_length is None else f"{row.max_seq_length:,}",
                "-" if row.gpu_layers is None else f"{row.gpu_layers:,}",
                row.basis,
            )

    @property
    def title(self) -> str:
        """What the table shows."""
        where = f" on {self.accelerator.label}" if self.accelerator else ""
        best = f"; {_MARK.strip()} is the largest that fits" if self.best else ""
        return f"{self.model_id or 'Model'} with {self.workload.engine.label}{where}{best}"


def compare_precisions(
    architecture: Architecture,
    workload: Workload,
    accelerator: Accelerator | None,
    *,
    model_id: str | None = None,
    through: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> PrecisionsReport:
    """A model in every precision that its engine runs.

    Args:
        architecture: The model.
        workload: How it runs; its precision is replaced by each.
        accelerator: The device, or None: nothing is said about fitting.
        model_id: The Hub id to show.
        through: Hands on the precisions one after the other: whoever looks sees how far it is, and may end it.

    Raises:
        WorkloadError: The engine doesn't run the model, or can't divide it so.
    """
    rows = _largest_first(_rows(architecture, workload, accelerator, through, with_limits=True))
    chosen = (next((row for row in rows if row.verdict == verdict), None) for verdict in ("fits", "tight"))
    best = next((row for row in chosen if row is not None), None)
    return PrecisionsReport(model_id=model_id, workload=workload, accelerator=accelerator, rows=rows, best=best)


def verdict_of_each_precision(
    architecture: Architecture, workload: Workload, accelerator: Accelerator | None
) -> tuple[PrecisionRow, ...]:
    """The same rows without the longest context and the layers on the GPU, which take most of the time.

    Raises:
        WorkloadError: The engine doesn't run the model, or can't divide it so.
    """
    return _largest_first(_rows(architecture, workload, accelerator, iter, with_limits=False))


def _largest_first(rows: Iterable[PrecisionRow]) -> tuple[PrecisionRow, ...]:
    return tuple(sorted(rows, key=lambda row: -row.file_bytes))


def _rows(
    architecture: Architecture,
    workload: Workload,
    accelerator: Accelerator | None,
    through: Callable[[Iterable[str]], Iterable[str]],
    *,
    with_limits: bool,
) -> Iterator[PrecisionRow]:
    engine, seen = workload.engine, set()
    own = weights_of(architecture, "auto", engine).precision.dtype
    plain = weights_of(architecture, own, engine).num_bytes if own in engine.weight_precisions else 0
    refusal: WorkloadError | None = None
    left_out = {*_NOT_COMPARED, *_PLAIN - {own}}
    for precision in through([one for one in engine.weight_precisions if one not in left_out]):
        try:
            row = _row(architecture, workload.changed(precision=precision), accelerator, with_limits=with_limits)
        except WorkloadError as error:
            refusal = error
            continue
        if precision not in _PLAIN and weights_of(architecture, precision, engine).num_bytes == plain:
            continue  # it changes nothing, as a format of experts in a model that has none
        seen.add(precision)
        yield row
    if refusal is not None and not seen:
        raise refusal


def _row(
    architecture: Architecture, workload: Workload, accelerator: Accelerator | None, *, with_limits: bool
) -> PrecisionRow:
    memory = measure(architecture, workload)
    row = PrecisionRow(
        precision=workload.precision,
        file_bytes=memory.file_bytes,
        weight_bytes=memory.weight_bytes,
        total_bytes=memory.total_bytes,
        basis=memory.basis,
    )
    if accelerator is None:
        return row
    placed = Placement(memory, workload.engine.budget_bytes(accelerator))
    row = replace(row, verdict=placed.verdict, free_bytes=placed.free_bytes)
    if not with_limits:
        return row
    return replace(
        row,
        max_seq_length=longest_context(architecture, workload, accelerator).seq_length,
        gpu_layers=most_gpu_layers(architecture, workload, accelerator),
    )
