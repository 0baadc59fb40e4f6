"""The panel in a notebook: asks for a model, shows its memory, and goes on where a gated model would stop it."""

from __future__ import annotations

from budsim_widgets.panel.memory_panel import MemoryPanel
from budsim_widgets.panel.pending import PendingAction
from budsim_widgets.panel.prompt import ConfigPrompt

__all__ = ["ConfigPrompt", "MemoryPanel", "PendingAction"]
