"""What the panel shows, as the line of Python that gives the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware import find_accelerator
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
        >>> fit_code(PendingAction("calculate", {"model": "org/model", "batch_size": 4}), "RTX 4090 24GB")
        "bw.fit('org/model', 'RTX 4090 24GB', batch_size=4)"
    """
    return _call("fit", action.params["model"], action.workload, accelerator)


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
        accelerator=_accelerator_name(inputs.hardware.accelerator.value.strip()),
        compare=inputs.models.models_to_compare(),
        ask=ask,
        training=inputs.training.values,
    )


def _accelerator_name(text: str) -> str:
    """Its name alone: how many there are of it stands in a field of its own, also where `2x3090` was typed."""
    try:
        return find_accelerator(text)[0].name if text else ""
    except WorkloadError:
        return text


def _call(name: str, given: object, workload: Mapping[str, Any], *others: object) -> str:
    return f"bw.{name}({', '.join([repr(given), *map(repr, others), *keywords(workload)])})"
