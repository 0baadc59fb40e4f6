"""What fine-tuning a model takes, whether that fits, and what would make it fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from budsim_widgets.training.fits import fit_training
from budsim_widgets.training.measuring import measure_training
from budsim_widgets.training.options import options_of

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.training.report import TrainingReport
    from budsim_widgets.training.settings import TrainingSettings


def finetune(
    architecture: Architecture,
    settings: TrainingSettings,
    accelerator: Accelerator | None = None,
    *,
    model_id: str | None = None,
    config_source: str = "dict",
) -> TrainingReport:
    """The report on a training.

    Args:
        architecture: The model.
        settings: How it is trained.
        accelerator: Where it must fit; None: nowhere.
        model_id: The Hub id to show.
        config_source: Where the config comes from, to show.

    Raises:
        WorkloadError: The settings don't suit the model; `.field` names the parameter.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.hardware import find_accelerator
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> from budsim_widgets.training.settings import TrainingSettings
        >>> finetune(llama, TrainingSettings(), find_accelerator("4090")[0]).verdict
        'fits'
    """
    report = measure_training(architecture, settings, model_id=model_id, config_source=config_source)
    fit = fit_training(architecture, report, accelerator) if accelerator else None
    return replace(report, fit=fit, look_for_options=lambda made: options_of(architecture, made, accelerator))
