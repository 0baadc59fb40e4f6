"""What is answered about models whose config has been found: a report, how it grows, a row of a comparison."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.engines import Workload
from budsim_widgets.errors import BudsimError, WorkloadError
from budsim_widgets.fitting import RecommendingReport
from budsim_widgets.memory import measure
from budsim_widgets.printable import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budsim_widgets.actions.model_cache import DescribedModel, DescribedModels
    from budsim_widgets.memory import AnalysisReport, ComparisonReport, ComparisonRow, MemoryReport
    from budsim_widgets.resolver import Model

MAX_NAME_CHARACTERS: Final = 200
"""Of the name of a model that wasn't found, so many are repeated."""

DEFAULT_SEQ_LENGTHS: Final = (1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072)


def report_of(described: DescribedModel, workload: Workload) -> MemoryReport:
    """The memory that a model takes under a workload, with what was noticed where its config was found."""
    resolved = described.resolved
    return measure(
        described.architecture,
        described.runs(workload),
        model_id=resolved.model_id,
        config_source=resolved.source,
        notices=resolved.notices,
        answer=RecommendingReport,
    )


def lengths_of(seq_lengths: Sequence[int], **workload: Any) -> list[Workload]:
    """The workload of each length, the shortest first.

    Raises:
        WorkloadError: No length, or a parameter is unknown or out of range.
    """
    given = {load.seq_length: load for load in (Workload.of(**workload, seq_length=one) for one in seq_lengths)}
    if not given:
        raise WorkloadError(
            "There is no context length to analyze.", field="seq_lengths", next_step="Give one, as in (2048,)."
        )
    return [given[length] for length in sorted(given)]


def analysis_of(described: DescribedModel, workloads: Sequence[Workload], *, within_limit: bool) -> AnalysisReport:
    """A report of each workload, and the lengths at which accelerators are full.

    Args:
        described: The model.
        workloads: The same but for their lengths, the shortest first.
        within_limit: Whether lengths beyond the model's own limit are left out.
    """
    from budsim_widgets.memory import AnalysisReport  # noqa: PLC0415 - a single report needs none

    limit = described.architecture.max_seq_length
    if within_limit and limit is not None:
        workloads = [load for load in workloads if load.seq_length <= limit] or workloads[:1]
    reports = [report_of(described, load) for load in workloads]
    return AnalysisReport.of(reports, _full_at(described, workloads[-1]))


def several(value: Any) -> Iterable[Any]:
    """What was given as one, as one of several.

    Example:
        >>> several("org/model"), several(["org/model", "org/other"])
        (('org/model',), ('org/model', 'org/other'))
    """
    if isinstance(value, (str, bytes, Mapping)) or hasattr(value, "__fspath__"):
        return (value,)
    return tuple(value) if hasattr(value, "__iter__") else (value,)


def comparison_of(models: DescribedModels, compared: Model | Iterable[Model], workload: Workload) -> ComparisonReport:
    """A row for each model: its report, or why there is none."""
    from budsim_widgets.memory import ComparisonReport  # noqa: PLC0415 - a single report needs none

    return ComparisonReport(
        rows=tuple(row_of(models, model, workload) for model in several(compared)), workload=workload
    )


def row_of(models: DescribedModels, model: Model, workload: Workload) -> ComparisonRow:
    """A model's row of a comparison."""
    from budsim_widgets.memory import ComparisonRow  # noqa: PLC0415 - a single report needs none

    try:
        described = models.get(model)
        return ComparisonRow(model_id=described.name, report=report_of(described, workload))
    except BudsimError as error:
        return ComparisonRow(model_id=error.model_id or _asked_for(model), error=error)


def _asked_for(model: Any) -> str:
    """What to call a model that wasn't found: the text that was given; of a config, no more than its type."""
    if isinstance(model, (str, os.PathLike)):
        return shortened(os.fsdecode(model), MAX_NAME_CHARACTERS)
    given = model.get("model_type") if isinstance(model, dict) else None
    return shortened(given if isinstance(given, str) and given else model)


def _full_at(described: DescribedModel, longest: Workload) -> dict[str, int]:
    from budsim_widgets.fitting.limits import full_at  # noqa: PLC0415 - a single report needs no limits
    from budsim_widgets.hardware import common_accelerators  # noqa: PLC0415 - the same

    accelerators = (longest.accelerator,) if longest.accelerator else common_accelerators()
    return full_at(described.architecture, longest, accelerators, longest.seq_length)
