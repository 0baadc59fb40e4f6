"""Does this language model fit on my GPU? A Jupyter panel with exact numbers, that gated models don't stop.

    import budsim_widgets as bw

    bw.MemoryPanel("meta-llama/Llama-3.1-8B")
    bw.calculate("Qwen/Qwen2.5-7B", seq_length=8192)

The public names stand in `__init__.pyi`; each is loaded when it is first used (`lazy_names`).
"""

from __future__ import annotations

from typing import Any

from budsim_widgets.lazy_names import load, public_names

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    return list(public_names()) if name == "__all__" else load(name)


def __dir__() -> list[str]:
    return ["__version__", *public_names()]
