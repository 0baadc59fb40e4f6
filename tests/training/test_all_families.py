"""Every described class: an answer, or a refusal with its field, whatever the method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from architectures.oracle_rows import by_pair

from budsim_widgets.architectures import build
from budsim_widgets.errors import WorkloadError
from budsim_widgets.training.measuring import measure_training
from budsim_widgets.training.settings import TrainingSettings

if TYPE_CHECKING:
    from architectures.oracle_rows import Pair

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.training import TrainingReport

SETTINGS = (
    TrainingSettings(method="full", gradient_checkpointing=False),
    TrainingSettings(),
    TrainingSettings(method="qlora", tool="unsloth"),
)


def measured_or_refused(architecture: Architecture, settings: TrainingSettings) -> TrainingReport | WorkloadError:
    try:
        return measure_training(architecture, settings)
    except WorkloadError as error:
        return error


@pytest.mark.parametrize("pair", by_pair("defaults"), ids="-".join)
def test_there_is_an_answer_or_a_refusal(pair: Pair) -> None:
    architecture = build({**by_pair("defaults")[pair][0]["config"], "architectures": [pair[1]]})
    for settings in SETTINGS:
        report = measured_or_refused(architecture, settings)
        if isinstance(report, WorkloadError):
            assert report.field in {"model", "lora_targets"}
            continue
        assert report.num_trainable_parameters > 0
        assert report.activation_bytes > 0
        assert report.loss_bytes > 0
        if settings.method == "full":
            assert report.num_trainable_parameters == architecture.num_parameters
