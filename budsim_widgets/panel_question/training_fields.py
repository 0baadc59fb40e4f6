"""The fields of fine-tuning as a question holds them: those of `bw.finetune` for which a panel has a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted
from budsim_widgets.training import TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARINGS: Final = ("fsdp", "zero2", None)
"""What several devices may share, by the name of `sharding`; None: nothing."""

_OWN: Final = ("method", "lora_rank", "optimizer", "tool", "gradient_checkpointing")
TRAINING_FIELDS: Final = (*_OWN, "sharding")


def usual_training() -> dict[str, Any]:
    """What stands in the fields at first; several devices share everything, which one device doesn't notice.

    Example:
        >>> usual_training()["method"], usual_training()["sharding"]
        ('lora', 'fsdp')
    """
    usual = TrainingSettings()
    return {**{name: getattr(usual, name) for name in _OWN}, "sharding": SHARINGS[0]}


def changed_training(training: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that aren't as usual, in the order of the form.

    Example:
        >>> changed_training({"lora_rank": 8, "method": "lora"})
        {'lora_rank': 8}
    """
    usual = usual_training()
    return {name: training[name] for name in TRAINING_FIELDS if name in training and training[name] != usual[name]}


def check_training(training: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the fields hold them: one spelling for each name.

    Raises:
        WorkloadError: A panel has no field for one, or it isn't known, or out of range; `.field` names it.

    Example:
        >>> check_training({"optimizer": "adamw_torch_fused"})
        {'optimizer': 'adamw-fused'}
    """
    if not isinstance(training, Mapping):
        message = f"training takes fields of fine-tuning by name, not {quoted(training, 80)}."
        raise WorkloadError(message, field="training", next_step='Give a dict such as training={"method": "lora"}.')
    for name in training:
        if name not in TRAINING_FIELDS:
            raise WorkloadError(
                f"A panel has no field {quoted(name, 80)} of fine-tuning.",
                field=name,
                next_step=f"It has {', '.join(TRAINING_FIELDS)}; bw.finetune takes more.",
            )
    settings = TrainingSettings.of(**training)
    found = {name: getattr(settings, name) for name in training}
    if found.get("sharding") not in SHARINGS:
        raise _no_choice("sharding", SHARINGS)
    if not isinstance(found.get("gradient_checkpointing", True), bool):
        raise _no_choice("gradient_checkpointing", (True, False))
    return found


def _no_choice(name: str, choices: Sequence[object]) -> WorkloadError:
    return WorkloadError(
        f"The panel has no such choice of {name}.",
        field=name,
        next_step=f"Choose one of {', '.join(map(repr, choices))}; bw.finetune takes the others that there are.",
    )
