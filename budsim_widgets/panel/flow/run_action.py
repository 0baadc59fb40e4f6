"""What an action gave, and asking for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from budsim_widgets.errors import HubError
from budsim_widgets.memory import ComparisonReport
from budsim_widgets.panel.html.prose import can_be_pasted

if TYPE_CHECKING:
    from budsim_widgets.actions import Actions
    from budsim_widgets.memory import AnalysisReport, MemoryReport
    from budsim_widgets.panel.flow.pending import PendingAction
    from budsim_widgets.resolver import ResolvedConfig

    Report: TypeAlias = MemoryReport | AnalysisReport | ComparisonReport


@dataclass(frozen=True)
class Answer:
    """What an action gave.

    Attributes:
        action: The action, with the parameters that it was started with.
        report: What it gave.
        resolved: The config that it worked on; None for a comparison.
    """

    action: PendingAction
    report: Report
    resolved: ResolvedConfig | None = None


def answer(actions: Actions, action: PendingAction, resolved: ResolvedConfig | None = None) -> Answer:
    """Does what a person asked for; may take as long as the Hub takes.

    Args:
        actions: What does it.
        action: What is asked for.
        resolved: The config where it is known already: then no store and no Hub are asked.

    Raises:
        BudsimError: Whatever the action raises.
    """
    if action.type == "compare":
        return Answer(action, actions.compare(action.params["models"], **action.workload))
    known = resolved or actions.get_config(action.params["model"])
    ask = actions.calculate if action.type == "calculate" else actions.analyze
    return Answer(action, ask(known, **action.workload), known)


def missing_config(given: Answer) -> tuple[str, HubError] | None:
    """The first model of a comparison whose config can be pasted and that wasn't given up, and why it is missing."""
    if not isinstance(given.report, ComparisonReport):
        return None
    for model, row in zip(given.action.params["models"], given.report.rows, strict=True):
        error = row.error
        if model not in given.action.skipped and isinstance(error, HubError) and can_be_pasted(error):
            return model, error
    return None
