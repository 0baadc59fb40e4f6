"""The panel in a notebook: asks for a model, shows its memory, and goes on where a gated model would stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.panel.flow.pending import PendingAction
from budsim_widgets.panel.memory_panel import MemoryPanel
from budsim_widgets.panel.prompt.config_prompt import ConfigPrompt

if TYPE_CHECKING:
    from budsim_widgets.panel.saved.saved_configs import SavedConfigs

__all__ = ["ConfigPrompt", "MemoryPanel", "PendingAction", "SavedConfigs"]


def __getattr__(name: str) -> Any:
    if name != "SavedConfigs":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from budsim_widgets.panel.saved.saved_configs import SavedConfigs  # noqa: PLC0415 - most panels never open it

    return SavedConfigs
