"""Where in a person's own code an error comes from, without the frames of the package and of what runs a cell."""

from __future__ import annotations

import linecache
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from types import TracebackType

_OWN_FOLDER = str(Path(__file__).parent)


def callers_lines(error_traceback: TracebackType | None) -> list[str]:
    r"""One text for each frame of the person's own, the outermost first.

    Args:
        error_traceback: The `__traceback__` of the error.

    Example:
        >>> import json
        >>> try:
        ...     json.loads("{")
        ... except ValueError as error:
        ...     callers_lines(error.__traceback__)[0]
        'line 2: json.loads("{")'
    """
    lines = []
    for frame, number in traceback.walk_tb(error_traceback):
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
