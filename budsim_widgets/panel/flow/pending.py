"""An action with the parameters that it was started with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ActionType = Literal["calculate", "analyze", "compare", "callback"]


@dataclass(frozen=True)
class PendingAction:
    """What a person started, and what waits while a config is missing.

    Attributes:
        type: `calculate`, `analyze`, `compare`, or `callback` for a person's own function.
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
