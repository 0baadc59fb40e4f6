"""Many combinations as rows: the answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from budsim_widgets.memory.shown import ShownTable
from budsim_widgets.printable import printable
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from budsim_widgets.fitting.placement import Verdict
    from budsim_widgets.formats.base import Basis

_HEADERS = ("model", "engine", "precision", "accelerator", "context", "batch", "total", "verdict", "free")
_SHOWN_ROWS = 10


class SweepRow(NamedTuple):
    """One combination, and what it takes in bytes on all devices together.

    Attributes:
        model_id: The model; of a config its class.
        engine: What runs it; with its settings where they aren't the usual ones.
        precision: Format of the weights.
        kv_cache_precision: Format of keys and values.
        accelerator: The device, or None.
        seq_length: Tokens of each request.
        batch_size: Requests at once.
        num_devices: Devices.
        verdict: `fits`, `tight` or `does_not_fit`; None: no accelerator is named.
        total_bytes: All of it.
        weight_bytes: Weights.
        kv_cache_bytes: Keys and values.
        state_bytes: Recurrent states.
        activation_bytes: Intermediate results.
        overhead_bytes: The processes themselves.
        host_bytes: What stays in the computer's own memory.
        free_bytes: What is free on the fullest device; negative: what it lacks.
        basis: Whether weights and cache are `exact`, or an `estimate`.
        error: Why nothing of this is known; None where it is.
    """

    model_id: str
    engine: str
    precision: str
    kv_cache_precision: str
    accelerator: str | None
    seq_length: int
    batch_size: int
    num_devices: int | None = None
    verdict: Verdict | None = None
    total_bytes: int | None = None
    weight_bytes: int | None = None
    kv_cache_bytes: int | None = None
    state_bytes: int | None = None
    activation_bytes: int | None = None
    overhead_bytes: int | None = None
    host_bytes: int | None = None
    free_bytes: int | None = None
    basis: Basis | None = None
    error: str | None = None


@dataclass(frozen=True, repr=False)
class SweepReport(ShownTable):
    """Every combination that was asked for, those that aren't possible with why.

    Attributes:
        rows: The combinations: by model, engine, precision, accelerator, cache precision, length and batch.
    """

    headers: ClassVar[tuple[str, ...]] = _HEADERS

    rows: tuple[SweepRow, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[SweepRow]:
        return iter(self.rows)

    def to_dict(self) -> dict[str, Any]:
        """The rows as plain JSON values."""
        return {"rows": [row._asdict() for row in self.rows]}

    def to_frame(self) -> pd.DataFrame:
        """The rows as a data frame.

        Raises:
            ModuleNotFoundError: pandas isn't installed; the message says how to install it.
        """
        from budsim_widgets.memory.tables import data_frame  # noqa: PLC0415 - shown later than computed

        return data_frame(self.rows, columns=SweepRow._fields)

    @property
    def title(self) -> str:
        """How many combinations there are, by verdict."""
        counts = Counter("not possible" if row.error else row.verdict or "measured" for row in self.rows)
        parts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.most_common())
        return f"{len(self.rows):,} combinations: {parts or 'none'}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """How many rows aren't shown."""
        left = len(self.rows) - _SHOWN_ROWS
        return (f"and {left:,} more: .rows, .to_frame()",) if left > 0 else ()

    def cells(self) -> list[tuple[str, ...]]:
        """The cells of the rows that are shown."""
        return [_cells(row) for row in self.rows[:_SHOWN_ROWS]]


def _cells(row: SweepRow) -> tuple[str, ...]:
    return (
        row.model_id,
        row.engine,
        row.precision,
        row.accelerator or "-",
        f"{row.seq_length:,}",
        f"{row.batch_size:,}",
        "-" if row.total_bytes is None else format_bytes(row.total_bytes),
        printable(row.error)[:60] if row.error else (row.verdict or "-").replace("_", " "),
        "-" if row.free_bytes is None else format_bytes(row.free_bytes),
    )
