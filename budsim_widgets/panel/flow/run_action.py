"""An action run, and what it gave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from budsim_widgets.engines import Workload
from budsim_widgets.errors import HubError
from budsim_widgets.memory import ComparisonReport
from budsim_widgets.panel.flow.steps import Steps
from budsim_widgets.rendering.prose import can_be_pasted

if TYPE_CHECKING:
    from budsim_widgets.actions import Actions
    from budsim_widgets.memory.comparison import ComparisonRow
    from budsim_widgets.panel.flow.pending import PendingAction
    from budsim_widgets.rendering.reports.kinds import Report
    from budsim_widgets.resolver import ResolvedConfig


@dataclass(frozen=True)
class ActionResult:
    """What an action gave.

    Attributes:
        action: The action, with the parameters that it was started with.
        report: What it gave.
        resolved: The config that it worked on; None for a comparison.
    """

    action: PendingAction
    report: Report
    resolved: ResolvedConfig | None = None


def run_action(
    actions: Actions, action: PendingAction, resolved: ResolvedConfig | None = None, *, steps: Steps | None = None
) -> ActionResult:
    """Does what a person started; may take as long as the Hub takes.

    Args:
        actions: What does it.
        action: What is to be done.
        resolved: The config where it is known already: then neither store nor Hub is read.
        steps: Told how many models of a comparison are done.

    Raises:
        BudsimError: Whatever the action raises.
    """
    if action.type == "compare":
        return ActionResult(action, _compare(actions, action, steps or Steps()))
    config = resolved or actions.get_config(action.params["model"])
    if action.type == "finetune":
        return ActionResult(action, actions.training.finetune(config, **action.workload), config)
    run = actions.calculate if action.type == "calculate" else actions.analyze
    return ActionResult(action, run(config, **action.workload), config)


def _compare(actions: Actions, action: PendingAction, steps: Steps) -> ComparisonReport:
    """One model after the other, so that it can be seen how far it is, and stopped."""
    none = actions.compare((), **action.workload)
    models = steps.through(action.params["models"])
    rows = (row for model in models for row in actions.compare([model], **action.workload).rows)
    return replace(none, rows=tuple(rows))


def compares_the_same(action: PendingAction, changed: PendingAction) -> bool:
    """Whether both compare the same models, with other numbers."""
    return (
        action.type == changed.type == "compare"
        and action.params["models"] == changed.params["models"]
        and action.params != changed.params
    )


def compare_anew(
    actions: Actions, result: ActionResult, changed: PendingAction, *, steps: Steps | None = None
) -> ActionResult:
    """The same models with other numbers; those that failed aren't asked for again.

    Raises:
        WorkloadError: A number is out of range.
    """
    if not isinstance(result.report, ComparisonReport):
        raise TypeError("This is no comparison.")
    rows, models = result.report.rows, changed.params["models"]
    # a comparison that was stopped has fewer rows than models
    known = [model for model, row in zip(models, rows, strict=False) if row.report is not None]
    told = (steps or Steps()).through(known)
    found = iter([row for model in told for row in actions.compare([model], **changed.workload).rows])
    merged = tuple(next(found) if row.report is not None else row for row in rows)
    workload = Workload.of(**changed.workload)
    return ActionResult(changed, ComparisonReport(rows=merged, workload=workload))


def rows_of(result: ActionResult) -> tuple[ComparisonRow, ...]:
    """The models of a comparison; none of another result."""
    return result.report.rows if isinstance(result.report, ComparisonReport) else ()


def first_missing_config(result: ActionResult) -> tuple[str, HubError] | None:
    """The first model of a comparison whose config can be pasted and that wasn't given up, and why it is missing."""
    for model, row in zip(result.action.params.get("models", ()), rows_of(result), strict=True):
        error = row.error
        if model not in result.action.skipped and isinstance(error, HubError) and can_be_pasted(error):
            return model, error
    return None
