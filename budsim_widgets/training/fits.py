"""Whether a step of training fits on an accelerator, and the largest that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.fitting.limits import largest
from budsim_widgets.training.measuring import total_bytes
from budsim_widgets.training.moments import step_of
from budsim_widgets.training.report_parts import TrainingFit

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.fitting.placement import Verdict
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.training.report import TrainingReport
    from budsim_widgets.training.settings import TrainingSettings

_MOST_TOKENS: Final = 100_000_000
_MOST_SEQUENCES: Final = 65_536


def fit_training(architecture: Architecture, report: TrainingReport, accelerator: Accelerator) -> TrainingFit:
    """How the step of a report sits on an accelerator."""
    settings, free = report.workload, accelerator.usable_bytes - report.total_bytes
    return TrainingFit(
        accelerator=accelerator,
        verdict=verdict_of(report, accelerator),
        capacity_bytes=accelerator.usable_bytes,
        free_bytes=free,
        max_seq_length=longest_sequence(architecture, settings, accelerator),
        max_batch_size=largest_batch(architecture, settings, accelerator),
    )


def verdict_of(report: TrainingReport, accelerator: Accelerator) -> Verdict:
    """`fits` with the whole range, `tight` with a part of it."""
    low, high = report.total_bytes_range
    capacity = accelerator.usable_bytes
    if high <= capacity:
        return "fits"
    return "tight" if low <= capacity else "does_not_fit"


def longest_sequence(architecture: Architecture, settings: TrainingSettings, accelerator: Accelerator) -> int:
    """The longest sequence for the batch of the settings, up to what the model was made for; 0: none fits."""
    limit = min(architecture.max_seq_length or _MOST_TOKENS, _MOST_TOKENS)
    batch = settings.batch_size
    return largest(limit, lambda length: _free(architecture, settings, (batch, length), accelerator))


def largest_batch(architecture: Architecture, settings: TrainingSettings, accelerator: Accelerator) -> int:
    """The largest batch for the length of the settings; 0: not even one sequence fits."""
    length = settings.seq_length
    return largest(_MOST_SEQUENCES, lambda batch: _free(architecture, settings, (batch, length), accelerator))


def _free(
    architecture: Architecture, settings: TrainingSettings, tokens: tuple[int, int], accelerator: Accelerator
) -> int:
    batch, length = tokens
    asked = settings.with_tokens(batch_size=batch, seq_length=length)
    return accelerator.usable_bytes - total_bytes(step_of(architecture, asked), asked)
