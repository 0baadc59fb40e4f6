"""Several models side by side, those that failed with why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.memory.shown import ShownInNotebook
from budsim_widgets.printable import printable
from budsim_widgets.units import format_bytes, format_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from budsim_widgets.engines.workload import Workload
    from budsim_widgets.errors import BudsimError
    from budsim_widgets.memory.report import MemoryReport

_HEADERS = ("model", "parameters", "total", "weights", "KV cache", "state", "activations", "basis")


@dataclass(frozen=True)
class ComparisonRow:
    """One model of a comparison: a report, or the error that stands in its place."""

    model_id: str
    report: MemoryReport | None = None
    error: BudsimError | None = None

    def __post_init__(self) -> None:
        # Of a model that failed it is whatever was asked for.
        object.__setattr__(self, "model_id", printable(self.model_id))

    def to_dict(self) -> dict[str, Any]:
        """The row as plain JSON values."""
        return {
            "model_id": self.model_id,
            "report": self.report.to_dict() if self.report else None,
            "error": self.error.to_dict() if self.error else None,
        }


@dataclass(frozen=True, repr=False)
class ComparisonReport(ShownInNotebook):
    """One row a model, in the order asked for.

    Attributes:
        rows: The models.
        workload: What all of them were measured under.
        headers: The columns of its table.
    """

    headers: ClassVar[tuple[str, ...]] = _HEADERS

    rows: tuple[ComparisonRow, ...]
    workload: Workload

    @property
    def reports(self) -> tuple[MemoryReport, ...]:
        """The reports of those that succeeded."""
        return tuple(row.report for row in self.rows if row.report is not None)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain JSON values."""
        return {"rows": [row.to_dict() for row in self.rows]}

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame, one row a model, indexed by `model_id`; `error` says why a row is empty.

        Raises:
            ModuleNotFoundError: pandas isn't installed; the message says how to install it.
        """
        from budsim_widgets.memory.tables import data_frame  # noqa: PLC0415 - shown later than computed

        return data_frame(map(_numbers, self.rows), index="model_id")

    def cells(self) -> Iterator[tuple[str, ...]]:
        """The cells of a table, by `headers`."""
        return map(_cells, self.rows)

    def __repr__(self) -> str:
        from budsim_widgets.memory.tables import text_table  # noqa: PLC0415 - shown later than computed

        failures = [f"{row.model_id}: {row.error}" for row in self.rows if row.error is not None]
        return "\n".join((text_table(self.headers, self.cells()), *failures))


def _numbers(row: ComparisonRow) -> dict[str, Any]:
    if row.report is None:
        return {"model_id": row.model_id, "error": str(row.error)}
    report = row.report
    return {
        "model_id": row.model_id,
        "num_parameters": report.num_parameters,
        "total_bytes": report.total_bytes,
        "weight_bytes": report.weight_bytes,
        "kv_cache_bytes": report.kv_cache_bytes,
        "state_bytes": report.state_bytes,
        "activation_bytes": report.activation_bytes,
        "basis": report.basis,
        "error": None,
    }


def _cells(row: ComparisonRow) -> tuple[str, ...]:
    if row.report is None:
        return (row.model_id, *("-",) * (len(_HEADERS) - 1))
    report = row.report
    return (
        row.model_id,
        format_count(report.num_parameters),
        format_bytes(report.total_bytes),
        format_bytes(report.weight_bytes),
        format_bytes(report.kv_cache_bytes),
        format_bytes(report.state_bytes),
        format_bytes(report.activation_bytes),
        report.basis,
    )
