"""How the memory of a model grows with its context."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from budsim_widgets.memory.shown import ShownInNotebook
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from budsim_widgets.memory.report import MemoryReport

_HEADERS = ("context", "total", "weights", "KV cache", "state", "activations")


@dataclass(frozen=True, repr=False)
class AnalysisReport(ShownInNotebook):
    """A report for each of several context lengths.

    Attributes:
        reports: One report a length, the shortest first.
        memory_per_token_bytes: What one more token of context adds to the cache of one sequence, at the longest
            length; tokens that a full window no longer keeps add nothing.
        insights: What the numbers say, in sentences.
        recommendations: What to do about it; those of the longest length.
        full_at: The longest context that fits, by the name of each accelerator that is full before the longest length:
            of the one that the workload names, else of the common ones.
    """

    reports: tuple[MemoryReport, ...]
    memory_per_token_bytes: float
    insights: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()
    full_at: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, reports: Iterable[MemoryReport], full_at: Mapping[str, int] | None = None) -> AnalysisReport:
        """The analysis of reports on one model that differ in their length only, the shortest first.

        Args:
            reports: The reports.
            full_at: The longest context that fits, by accelerator.

        Raises:
            ValueError: There is no report.
        """
        given = tuple(reports)
        if not given:
            raise ValueError("An analysis needs at least one context length.")
        per_token = _bytes_per_token(given)
        return cls(
            reports=given,
            memory_per_token_bytes=per_token,
            insights=(*_insights(given, per_token), *_full(full_at or {})),
            recommendations=given[-1].recommendations,
            full_at=dict(full_at or {}),
        )

    @property
    def model_id(self) -> str | None:
        """The model that was analyzed."""
        return self.reports[0].model_id

    @property
    def seq_lengths(self) -> tuple[int, ...]:
        """The context lengths in tokens."""
        return tuple(report.workload.seq_length for report in self.reports)

    def to_dict(self) -> dict[str, Any]:
        """The analysis as plain JSON values."""
        return {
            "model_id": self.model_id,
            "memory_per_token_bytes": self.memory_per_token_bytes,
            "insights": list(self.insights),
            "recommendations": list(self.recommendations),
            "full_at": dict(self.full_at),
            "reports": [report.to_dict() for report in self.reports],
        }

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame, one row a length, indexed by `seq_length`.

        Raises:
            ModuleNotFoundError: pandas isn't installed; the message says how to install it.
        """
        from budsim_widgets.memory.tables import data_frame  # noqa: PLC0415 - shown later than computed

        rows = [{"seq_length": report.workload.seq_length, **_bytes(report)} for report in self.reports]
        return data_frame(rows, index="seq_length")

    def __repr__(self) -> str:
        from budsim_widgets.memory.tables import text_table  # noqa: PLC0415 - shown later than computed

        return "\n".join((text_table(_HEADERS, map(_row, self.reports)), *self.insights))


def _bytes(report: MemoryReport) -> dict[str, int]:
    return {
        "total_bytes": report.total_bytes,
        "weight_bytes": report.weight_bytes,
        "kv_cache_bytes": report.kv_cache_bytes,
        "state_bytes": report.state_bytes,
        "activation_bytes": report.activation_bytes,
    }


def _row(report: MemoryReport) -> tuple[str, ...]:
    return (f"{report.workload.seq_length:,}", *(format_bytes(value) for value in _bytes(report).values()))


def _bytes_per_token(reports: tuple[MemoryReport, ...]) -> float:
    last = reports[-1]
    if len(reports) == 1:
        return last.kv_cache_bytes / (last.workload.seq_length * last.workload.batch_size)
    before = reports[-2]
    tokens = last.workload.seq_length - before.workload.seq_length
    return (last.kv_cache_bytes - before.kv_cache_bytes) / (tokens * last.workload.batch_size)


def _insights(reports: tuple[MemoryReport, ...], per_token: float) -> tuple[str, ...]:
    last = reports[-1]
    length, cache = last.workload.seq_length, last.kv_cache_bytes + last.state_bytes
    growth = (
        f"Each further token of a sequence adds {format_bytes(per_token)} to the cache."
        if per_token
        else "The cache doesn't grow with the context."
    )
    share = f"At {length:,} tokens the cache takes {format_bytes(cache)}, {cache / last.total_bytes:.0%} of the total."
    crossing = next((report for report in reports if report.kv_cache_bytes > report.weight_bytes), None)
    if crossing is None:
        return (growth, share)
    at = f"From {crossing.workload.seq_length:,} tokens on, the cache takes more than the weights."
    return (growth, share, at)


def _full(full_at: Mapping[str, int]) -> tuple[str, ...]:
    """One sentence for all accelerators that are full on the way."""
    if not full_at:
        return ()
    ends = ", ".join(
        f"{name} at {tokens:,}" if tokens else f"{name} before the first" for name, tokens in full_at.items()
    )
    return (f"Full at this many tokens of context: {ends}.",)
