"""What the panel shows, as the line of Python that gives the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.panel_question.code import keywords
from budsim_widgets.panel_question.question import ASKS, Question
from budsim_widgets.training import TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.panel.flow.pending import ActionType, PendingAction
    from budsim_widgets.panel.inputs.inputs import Inputs


def action_code(action: PendingAction) -> str:
    """The call that gives the result of an action.

    Example:
        >>> from budsim_widgets.panel.flow.pending import PendingAction
        >>> action_code(PendingAction("calculate", {"model": "org/model", "batch_size": 4}))
        "bw.calculate('org/model', batch_size=4)"
    """
    if action.type == "finetune":
        return _finetune_code(action)
    given = list(action.params["models"]) if action.type == "compare" else action.params["model"]
    return _call(action.type, given, action.workload)


def _finetune_code(action: PendingAction) -> str:
    usual = {**TrainingSettings().to_dict(), "accelerator": None}
    changed = [f"{key}={value!r}" for key, value in action.workload.items() if value != usual[key]]
    return f"bw.finetune({', '.join([repr(action.params['model']), *changed])})"


def fit_code(action: PendingAction, accelerator: str) -> str:
    """The call that says what of a calculated model fits on an accelerator.

    Example:
        >>> from budsim_widgets.panel.flow.pending import PendingAction
        >>> asked = {"model": "org/model", "batch_size": 4, "accelerator": "4090"}
        >>> fit_code(PendingAction("calculate", asked), "RTX 4090 24GB")
        "bw.fit('org/model', 'RTX 4090 24GB', batch_size=4)"
    """
    workload = {name: value for name, value in action.workload.items() if name != "accelerator"}
    return _call("fit", action.params["model"], workload, accelerator)


def question_of(inputs: Inputs, asked: ActionType | None = None) -> Question:
    """What stands in the fields of a panel.

    Args:
        inputs: The fields.
        asked: What the result on screen answers, which is asked again as long as it is of the use that is chosen.
    """
    ask = next((one for one in ASKS if one == asked and inputs.asks_for(one)), inputs.ask)
    return Question(
        model=inputs.models.model.value,
        workload=inputs.workload,
        accelerator=inputs.hardware.name,
        compare=inputs.models.models_to_compare(),
        ask=ask,
        training=inputs.training.values,
    )


def _call(name: str, given: object, workload: Mapping[str, Any], *others: object) -> str:
    return f"bw.{name}({', '.join([repr(given), *map(repr, others), *keywords(workload)])})"
