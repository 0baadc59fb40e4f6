"""Changes that make a step of training fit, or free most of a device: each is measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting.options import Option
from budsim_widgets.fitting.placement import VERDICTS
from budsim_widgets.training.fits import longest_sequence, verdict_of
from budsim_widgets.training.measuring import measure_training

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.training.report import TrainingReport
    from budsim_widgets.training.settings import TrainingSettings

_MOST_DEVICES: Final = 64
_SMALL_RANK: Final = 8
_CHEAPEST_FIRST: Final = (
    *("batch_size", "gradient_checkpointing", "optimizer", "precision", "lora_rank"),
    *("lora", "qlora", "seq_length", "offload_optimizer", "offload"),
)
"""What is given up: a little time, a little accuracy, what can be learned, text, then a lot of time; the value where
it tells more than the name. Another kernel of attention or of the loss costs nothing, nor do more batches of a step."""


def options_of(
    architecture: Architecture, report: TrainingReport, accelerator: Accelerator | None
) -> tuple[Option, ...]:
    """The changes that help: what fits first, and of that the cheapest change; more devices come last.

    Args:
        architecture: The model.
        report: What it takes today.
        accelerator: Where it must fit; None: only what frees most counts.
    """
    settings = report.workload
    single = (
        _measured(architecture, report, one, accelerator) for one in _changes(architecture, settings, accelerator)
    )
    found = [option for option in single if option is not None]
    found += _fewest_devices(architecture, report, accelerator)
    if accelerator is not None and not any(option.verdict == "fits" for option in found):
        found += _together(architecture, report, found, accelerator)
    return tuple(sorted((option for option in found if option.saved_bytes > 0), key=_rank))


def _changes(
    architecture: Architecture, settings: TrainingSettings, accelerator: Accelerator | None
) -> Iterator[dict[str, Any]]:
    """Each change that the settings leave open, one at a time."""
    if not settings.gradient_checkpointing:
        yield {"gradient_checkpointing": True}
    elif settings.gradient_checkpointing is True:
        yield {"gradient_checkpointing": "offload"}
    if settings.attention == "eager":
        yield {"attention": "sdpa"}
    if settings.loss == "auto":
        yield {"loss": "fused"}
    if "8bit" not in settings.optimizer:
        yield {"optimizer": "adamw-8bit"}
    if not settings.offload_optimizer:
        yield {"offload_optimizer": True}
    yield from _methods(settings)
    if settings.batch_size > 1:
        steps = settings.batch_size * settings.gradient_accumulation
        yield {"batch_size": 1, "gradient_accumulation": steps}
    if settings.seq_length > 1:
        longest = longest_sequence(architecture, settings, accelerator) if accelerator else 0
        yield {"seq_length": longest if 0 < longest < settings.seq_length else max(1, settings.seq_length // 2)}


def _methods(settings: TrainingSettings) -> Iterator[dict[str, Any]]:
    if settings.method == "full":
        yield {"method": "lora"}
    if settings.method != "qlora" and settings.precision in {"bf16", "fp16"}:
        yield {"method": "qlora"}
    if settings.has_adapters and settings.lora_rank > _SMALL_RANK:
        yield {"lora_rank": max(_SMALL_RANK, settings.lora_rank // 2)}
    if settings.precision in {"fp32", "bf16-mixed"}:
        yield {"precision": "bf16"}


def _fewest_devices(
    architecture: Architecture, report: TrainingReport, accelerator: Accelerator | None
) -> Iterator[Option]:
    """The same step on the fewest devices that make it fit by sharing weights, gradients and states; else on two."""
    settings, tried = report.workload, []
    count = 2 * settings.num_devices
    while count <= _MOST_DEVICES:
        changes = {"num_devices": count, "sharding": settings.sharding or "fsdp"}
        option = _measured(architecture, report, changes, accelerator)
        if option is not None:
            tried.append(option)
            if option.verdict == "fits":
                yield option
                return
        count *= 2
    yield from tried[:1]


def _measured(
    architecture: Architecture, report: TrainingReport, changes: dict[str, Any], accelerator: Accelerator | None
) -> Option | None:
    """What a change brings; None where the model can't be trained so."""
    try:
        after = measure_training(architecture, replace(report.workload, **_consistent(report.workload, changes)))
    except WorkloadError:
        return None
    capacity = accelerator.usable_bytes if accelerator else report.total_bytes
    verdict = verdict_of(after, accelerator) if accelerator else "fits"
    return Option(changes, report.total_bytes - after.total_bytes, capacity - after.total_bytes, verdict)


def _consistent(settings: TrainingSettings, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes, without settings that only a full fine-tuning has."""
    return {**changes, "frozen": ()} if changes.get("method") in {"lora", "qlora"} and settings.frozen else changes


def _together(
    architecture: Architecture, report: TrainingReport, single: list[Option], accelerator: Accelerator
) -> Iterator[Option]:
    """One option of several changes, taken in turn until it fits; the sequence is cut last, to what then fits."""
    taken: dict[str, Any] = {}
    for option in sorted(single, key=lambda one: -one.saved_bytes):
        changes = option.changes
        if option.saved_bytes <= 0 or not changes.keys().isdisjoint({"num_devices", "seq_length", *taken}):
            continue
        taken = {**taken, **changes}
        together = _measured(architecture, report, taken, accelerator)
        if together is not None and together.verdict == "fits":
            yield together
            return
    if not taken:
        return
    settings = replace(report.workload, **_consistent(report.workload, taken))
    length = longest_sequence(architecture, settings, accelerator)
    if 0 < length < report.workload.seq_length:
        together = _measured(architecture, report, {**taken, "seq_length": length}, accelerator)
        if together is not None:
            yield together


def _rank(option: Option) -> tuple[int, int, int, int, int]:
    named = [value if value in _CHEAPEST_FIRST else name for name, value in option.changes.items()]
    costs = [_CHEAPEST_FIRST.index(name) + 1 for name in named if name in _CHEAPEST_FIRST]
    devices = option.changes.get("num_devices", 0)
    return VERDICTS.index(option.verdict), devices, len(costs), max(costs, default=0), -option.saved_bytes
