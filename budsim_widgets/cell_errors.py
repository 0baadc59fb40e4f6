"""What a notebook shows of an error of the package: where in the person's own code, what is wrong, the next step.

Nothing is hidden: `%debug` and `error.__traceback__` have every frame.
"""

from __future__ import annotations

import linecache
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from budsim_widgets.errors import BudsimError

_OWN_FOLDER = str(Path(__file__).parent)


def cell_lines(error: BudsimError) -> list[str]:
    r"""The lines in the place of a traceback.

    Example:
        >>> from budsim_widgets.errors import ModelIdError
        >>> print("\n".join(cell_lines(ModelIdError("No model is named."))))
        ModelIdError: No model is named.
        Type the model's id, for example meta-llama/Llama-3.1-8B.
    """
    said = (f"{type(error).__name__}: {error.message}", error.next_step, _in_code(error))
    return [*_own_lines(error), *filter(None, said)]


def _in_code(error: BudsimError) -> str:
    """Where a config is pasted that the Hub doesn't give, since a cell has no box for it."""
    from budsim_widgets.errors import HubError  # noqa: PLC0415 - that module asks for this one

    if not isinstance(error, HubError) or not error.can_paste or error.model_id is None:
        return ""
    name = repr(error.model_id)
    return (
        f"The box for it: bw.MemoryPanel({name}), a click on Calculate memory. In code: bw.submit_config({name}, text)."
    )


def _own_lines(error: BudsimError) -> list[str]:
    """The lines of the person's code through which it went, of the first to the last."""
    lines = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        path = frame.f_code.co_filename
        if not path.startswith((_OWN_FOLDER, *_shell_folders())):
            source = printable(linecache.getline(path, number, frame.f_globals).strip())
            lines.append(f"{_place(path)}line {number}: {source}")
    return lines


def _place(path: str) -> str:
    """The file; empty for a cell, whose name is one of the kernel's own making."""
    return f"{printable(path)}, " if Path(path).is_file() else ""


def _shell_folders() -> tuple[str, ...]:
    """Where the code lies that runs a cell."""
    shell = sys.modules.get("IPython")
    return (str(Path(shell.__file__).parent),) if shell is not None and shell.__file__ else ()
