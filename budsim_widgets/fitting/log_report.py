"""An engine's own log beside our numbers: the answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.memory.shown import ShownTable
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.engines import Workload
    from budsim_widgets.engines.logs.forms import Unit

_HEADERS = ("part", "log", "ours", "difference", "why")


@dataclass(frozen=True)
class LogRow:
    """One figure of a log.

    Attributes:
        part: What it is: `weights`, `activations`, `kv_cache`, `cache_tokens` …
        unit: `bytes`, `tokens` or `requests`.
        logged: What the engine printed.
        ours: What we have; None where we have none.
        reason: Why they differ, as far as is known.
    """

    part: str
    unit: Unit
    logged: float
    ours: float | None
    reason: str

    @property
    def difference(self) -> float | None:
        """What the log has more than we."""
        return None if self.ours is None else self.logged - self.ours

    def shown(self, value: float | None) -> str:
        """A figure of this row as people read it."""
        if value is None:
            return ""
        if self.unit == "bytes":
            return format_bytes(value)
        return f"{value:,.2f}" if self.unit == "requests" else f"{value:,.0f}"


@dataclass(frozen=True, kw_only=True, repr=False)
class LogReport(ShownTable):
    """What an engine printed beside what we say.

    Attributes:
        engine: The name of the engine that printed it; None where another program did, or none that is known.
        label: What people call the program; empty where none is known.
        version: Its version, where it is printed.
        settings: The settings that the log shows.
        rows: The figures that it shows.
        not_said: The parts that such a log may show, and this one doesn't.
        notes: What a person should know, such as settings that can't be taken over.
        workload: What our figures stand for; None where nothing could be read.
        headers: The columns of its table.
    """

    headers: ClassVar[tuple[str, ...]] = _HEADERS

    engine: str | None
    label: str
    version: str | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[LogRow, ...] = ()
    not_said: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    workload: Workload | None = None

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "engine": self.engine,
            "label": self.label,
            "version": self.version,
            "settings": dict(self.settings),
            "rows": [asdict(row) for row in self.rows],
            "not_said": list(self.not_said),
            "notes": list(self.notes),
            "workload": self.workload.to_dict() if self.workload else None,
        }

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes."""
        return self.notes

    @property
    def title(self) -> str:
        """Whose log it is, and what it doesn't show."""
        if not self.label:
            return "No engine's log"
        version = f" {self.version}" if self.version else ""
        missing = f"; not shown: {', '.join(self.not_said)}" if self.not_said else ""
        return f"Log of {self.label}{version}{missing}"

    def cells(self) -> list[tuple[str, ...]]:
        """The cells of a table, by `headers`."""
        return [
            (row.part, row.shown(row.logged), row.shown(row.ours), row.shown(row.difference), row.reason)
            for row in self.rows
        ]
