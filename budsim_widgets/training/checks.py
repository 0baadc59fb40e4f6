"""Whether settings suit a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import WorkloadError
from budsim_widgets.formats.precision import own_precision
from budsim_widgets.printable import quoted
from budsim_widgets.training.outline import stacks_of
from budsim_widgets.training.weights import is_frozen

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.training.settings import TrainingSettings


def check_settings(architecture: Architecture, settings: TrainingSettings) -> None:
    """Refuses settings that don't suit a model.

    Raises:
        WorkloadError: The file is quantized, the model has no causal loss, everything is frozen, or there are more
            devices than rows to divide; `.field` names the parameter.
    """
    declared = own_precision(architecture).quantized
    if declared is not None and settings.method == "qlora":
        raise WorkloadError(
            f"The file is quantized already ({declared.label}): there is nothing to turn into 4 bits.",
            field="method",
            next_step='Choose method="lora", which trains adapters on the file as it is, or an unquantized model.',
        )
    if declared is not None and settings.method == "full":
        raise WorkloadError(
            f"The file is quantized ({declared.label}), and such weights can't be trained.",
            field="method",
            next_step='Choose method="lora", or an unquantized model.',
        )
    if architecture.kind == "encoder-only" or next(stacks_of(architecture), None) is None:
        raise WorkloadError(
            f"{architecture.architecture} is an encoder: it has no causal loss to be trained with.",
            field="model",
            next_step="Choose a model that generates text.",
        )
    if settings.frozen:
        _check_frozen(architecture, settings.frozen)
    rows = max((group.shape[0] for group in architecture.tensor_groups if group.shape), default=1)
    if settings.sharding is not None and settings.num_devices > rows:
        raise WorkloadError(
            f"The largest tensor has {rows:,} rows, which can't be divided over {settings.num_devices:,} devices.",
            field="num_devices",
            next_step=f"Choose num_devices up to {rows:,}.",
        )


def _check_frozen(architecture: Architecture, frozen: tuple[str, ...]) -> None:
    groups = architecture.tensor_groups
    for name in frozen:
        if not any(is_frozen(group, (name,)) for group in groups):
            parts = sorted({part for group in groups for part in group.name.split(".")[:2] if part != "*"})
            raise WorkloadError(
                f"The model has no module {quoted(name)}.",
                field="frozen",
                next_step=f"Its parts are {', '.join(parts[:20])}.",
            )
    if all(is_frozen(group, frozen) for group in groups):
        raise WorkloadError("Everything is frozen: nothing would be trained.", field="frozen")
