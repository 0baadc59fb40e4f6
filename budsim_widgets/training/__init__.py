"""Fine-tuning: what a step of training takes, and whether it fits."""

from __future__ import annotations

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
