"""Does this language model fit on my GPU? A Jupyter panel with exact numbers, that gated models don't stop.

    import budsim_widgets as bw

    bw.MemoryPanel("meta-llama/Llama-3.1-8B")
    bw.calculate("Qwen/Qwen2.5-7B", seq_length=8192)

Every public name is loaded when it is first used: a script that calculates never loads a widget.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from budsim_widgets.actions import (
        analyze,
        architecture,
        calculate,
        check_config,
        compare,
        config_difference,
        config_history,
        export_configs,
        forget_config,
        get_config,
        import_configs,
        restore_config,
        saved_configs,
        share,
        submit_config,
        sync,
        validate,
        verify_configs,
    )
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.memory import MemoryReport
    from budsim_widgets.panel import ConfigPrompt, MemoryPanel, SavedConfigs
    from budsim_widgets.store import ConfigStore

__version__ = "0.1.0"

_HOMES = {
    "Architecture": "architectures",
    "ConfigPrompt": "panel",
    "ConfigStore": "store",
    "MemoryPanel": "panel",
    "MemoryReport": "memory",
    "SavedConfigs": "panel",
    "analyze": "actions",
    "architecture": "actions",
    "calculate": "actions",
    "check_config": "actions",
    "compare": "actions",
    "config_difference": "actions",
    "config_history": "actions",
    "export_configs": "actions",
    "forget_config": "actions",
    "get_config": "actions",
    "import_configs": "actions",
    "restore_config": "actions",
    "saved_configs": "actions",
    "share": "actions",
    "submit_config": "actions",
    "sync": "actions",
    "validate": "actions",
    "verify_configs": "actions",
}

__all__ = [
    "Architecture",
    "ConfigPrompt",
    "ConfigStore",
    "MemoryPanel",
    "MemoryReport",
    "SavedConfigs",
    "analyze",
    "architecture",
    "calculate",
    "check_config",
    "compare",
    "config_difference",
    "config_history",
    "export_configs",
    "forget_config",
    "get_config",
    "import_configs",
    "restore_config",
    "saved_configs",
    "share",
    "submit_config",
    "sync",
    "validate",
    "verify_configs",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
