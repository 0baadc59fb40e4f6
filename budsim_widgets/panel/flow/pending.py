"""What waits for a config: an action with the parameters that it was started with, and the config that it lacks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.errors import BudsimError

ActionType = Literal["calculate", "analyze", "compare", "finetune", "callback"]


@dataclass(frozen=True)
class PendingAction:
    """What a person started, and what waits while a config is missing.

    Attributes:
        type: `calculate`, `analyze`, `compare`, `finetune`, or `callback` for a person's own function.
        params: The arguments that it was started with: `model` or `models` and the workload; for a callback `args` and
            `kwargs`.
        skipped: Models of a comparison that the person goes without.

    Example:
        >>> PendingAction("calculate", {"model": "org/model", "batch_size": 2}).workload
        {'batch_size': 2}
    """

    type: ActionType
    params: Mapping[str, Any]
    skipped: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def workload(self) -> dict[str, Any]:
        """The parameters but the models."""
        return {name: value for name, value in self.params.items() if name not in {"model", "models"}}

    def without(self, model: str) -> PendingAction:
        """The same comparison, a model given up."""
        return replace(self, skipped=self.skipped | {model})


@dataclass(frozen=True)
class MissingConfig:
    """A config that a person is asked to paste, and what follows.

    Attributes:
        model: The model as the person named it; the config is kept for it.
        error: Why the config has to be pasted.
        action: What waits for it.
        resume: Goes on with the action.
        skip: Goes on without the model, or None where that makes no sense.
        cancel: Called when the person gives up.
        undone: Called when the person takes the config back that was saved for it.
    """

    model: str
    error: BudsimError
    action: PendingAction
    resume: Callable[[], None]
    skip: Callable[[], None] | None = None
    cancel: Callable[[], None] = lambda: None
    undone: Callable[[], None] = lambda: None
