"""A config that is asked for, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.errors import BudsimError
    from budsim_widgets.panel.flow.pending import PendingAction


@dataclass(frozen=True)
class Wanted:
    """A config that is asked for.

    Attributes:
        model: The model as the person named it; the config is kept for it.
        error: Why the config has to be pasted.
        pending: What waits for it.
        resume: Goes on with it.
        skip: Goes on without the model, or None where that makes no sense.
        cancel: Hears that the person gave up.
    """

    model: str
    error: BudsimError
    pending: PendingAction
    resume: Callable[[], None]
    skip: Callable[[], None] | None = None
    cancel: Callable[[], None] = lambda: None
