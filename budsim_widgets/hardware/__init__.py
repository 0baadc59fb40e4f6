"""Accelerators as data: what they hold and how they are called. What this machine has: `hardware.detection`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.lazy_names import on_first_use

if TYPE_CHECKING:
    from budsim_widgets.hardware.accelerator import Accelerator
    from budsim_widgets.hardware.finding import find, find_accelerator
    from budsim_widgets.hardware.table import accelerators, common_accelerators

__all__ = ["Accelerator", "accelerators", "common_accelerators", "find", "find_accelerator"]

__getattr__ = on_first_use(
    __name__,
    {
        "Accelerator": "accelerator",
        "accelerators": "table",
        "common_accelerators": "table",
        "find": "finding",
        "find_accelerator": "finding",
    },
)
