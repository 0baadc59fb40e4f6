"""The question of a panel as Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel_question.question import changed
from budsim_widgets.panel_question.training_fields import changed_training

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from budsim_widgets.panel_question.question import Question


def panel_keywords(question: Question, *, for_others: bool = False) -> dict[str, Any]:
    """The keywords of `MemoryPanel` that put a question into its fields, what is as usual left out.

    Args:
        question: The question.
        for_others: Whether somebody else is to ask the same: that none is named is said too, since a panel that is
            told of no accelerator takes the one that its reader chose last.

    Example:
        >>> from budsim_widgets.panel_question.question import Question
        >>> panel_keywords(Question("org/model", {"tensor_parallel": 2}, "RTX 4090 24GB"))
        {'device_count': 2, 'accelerator': 'RTX 4090 24GB'}
    """
    given = changed(question.workload)
    if "tensor_parallel" in given:
        given["device_count"] = given.pop("tensor_parallel")
    given |= {"ask": question.ask, "training": changed_training(question.training)}
    given |= {"compare": list(question.compare), "accelerator": question.accelerator}
    shown = {key: value for key, value in given.items() if value and (key, value) != ("ask", "calculate")}
    return {"accelerator": "", **shown} if for_others and not question.accelerator else shown


def panel_code(question: Question, *, for_others: bool = False) -> str:
    """The call that gives a panel with this question; every value is written as Python writes it, so none is code.

    Args:
        question: The question.
        for_others: As of `panel_keywords`.

    Example:
        >>> from budsim_widgets.panel_question.question import Question
        >>> panel_code(Question("org/model", {"tensor_parallel": 2}, "RTX 4090 24GB"))
        "bw.MemoryPanel('org/model', device_count=2, accelerator='RTX 4090 24GB')"
        >>> panel_code(Question("org/model", ask="finetune", training={"method": "qlora"}))
        "bw.MemoryPanel('org/model', ask='finetune', training={'method': 'qlora'})"
    """
    given = [f"{key}={value!r}" for key, value in panel_keywords(question, for_others=for_others).items()]
    return f"bw.MemoryPanel({', '.join([repr(question.model), *given])})"


def keywords(workload: Mapping[str, Any]) -> list[str]:
    """The keywords of a workload that aren't as usual.

    Example:
        >>> keywords({"batch_size": 4, "seq_length": 2048})
        ['batch_size=4']
    """
    return [f"{key}={value!r}" for key, value in changed(workload).items()]
