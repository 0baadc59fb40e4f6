"""The question of a panel as Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel_question.question import changed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from budsim_widgets.panel_question.question import Question


def panel_code(question: Question) -> str:
    """The call that gives a panel with this question; every value is written as Python writes it, so none is code.

    Example:
        >>> from budsim_widgets.panel_question.question import Question
        >>> panel_code(Question("org/model", {"tensor_parallel": 2}, "RTX 4090 24GB"))
        "bw.MemoryPanel('org/model', device_count=2, accelerator='RTX 4090 24GB')"
    """
    others = {"compare": list(question.compare), "accelerator": question.accelerator}
    given = [f"{key}={value!r}" for key, value in others.items() if value]
    own = [line.replace("tensor_parallel=", "device_count=", 1) for line in keywords(question.workload)]
    return f"bw.MemoryPanel({', '.join([repr(question.model), *own, *given])})"


def keywords(workload: Mapping[str, Any]) -> list[str]:
    """The keywords of a workload that aren't as usual.

    Example:
        >>> keywords({"batch_size": 4, "seq_length": 2048})
        ['batch_size=4']
    """
    return [f"{key}={value!r}" for key, value in changed(workload).items()]
