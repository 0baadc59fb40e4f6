"""Fine-tuning: what a step of training takes, and whether it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.lazy_names import on_first_use

if TYPE_CHECKING:
    from budsim_widgets.training.finetuning import finetune
    from budsim_widgets.training.report import TrainingReport
    from budsim_widgets.training.report_parts import TrainingDevice, TrainingFit, TrainingMoment
    from budsim_widgets.training.settings import TrainingSettings

__all__ = [
    "TrainingDevice",
    "TrainingFit",
    "TrainingMoment",
    "TrainingReport",
    "TrainingSettings",
    "finetune",
]

__getattr__ = on_first_use(
    __name__,
    {
        "TrainingDevice": "report_parts",
        "TrainingFit": "report_parts",
        "TrainingMoment": "report_parts",
        "TrainingReport": "report",
        "TrainingSettings": "settings",
        "finetune": "finetuning",
    },
)
