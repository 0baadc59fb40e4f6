"""Does this language model fit on my GPU? A Jupyter panel with exact numbers, that gated models don't stop.

    import budsim_widgets as bw

    bw.MemoryPanel("meta-llama/Llama-3.1-8B")
    bw.calculate("Qwen/Qwen2.5-7B", seq_length=8192)

The public names stand in `__init__.pyi`; each is loaded when it is first used (`lazy_names`).
"""

from __future__ import annotations

from budsim_widgets.version import __version__ as __version__

TYPE_CHECKING = False  # as type checkers know it: importing `typing` takes a third of what Python takes to start
if TYPE_CHECKING:
    from typing import Any


def __getattr__(name: str) -> Any:
    from budsim_widgets.lazy_names import load, public_names  # noqa: PLC0415 - `budsim --version` needs no name

    return list(public_names()) if name == "__all__" else load(name)


def __dir__() -> list[str]:
    from budsim_widgets.lazy_names import public_names  # noqa: PLC0415 - the same

    return ["__version__", *public_names()]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext budsim_widgets` makes `%budsim` known; called by IPython."""
    from budsim_widgets.magic import register  # noqa: PLC0415 - only a notebook has magics

    register(shell)
