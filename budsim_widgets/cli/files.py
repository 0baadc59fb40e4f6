"""Files that are named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from budsim_widgets.cli.arguments import UsageError
from budsim_widgets.regular_files import NotRegularFileError, read_regular

STANDARD_INPUT: Final = "-"

_LIMIT_BYTES: Final = 64 * 1024**2
"""No config and no start of a log is as long; what is longer is refused by whoever reads it."""


def read_file(option: str, name: str) -> bytes:
    """What a file holds, or what comes in from standard input.

    Args:
        option: What named it, for the message.
        name: Its path, or `-`.

    Raises:
        UsageError: It can't be read.
    """
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(_LIMIT_BYTES)
    try:
        return read_regular(Path(name).expanduser(), limit_bytes=_LIMIT_BYTES)
    except NotRegularFileError as error:
        raise UsageError(f"{option} {name!r} is {error.kind}: name a file.") from error
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it names no file"
        raise UsageError(f"{option} {name!r} can't be read: {reason}.") from error


def refuse_folder(model: str) -> None:
    """A model that is the path of a folder is told from the id of one.

    Raises:
        UsageError: It is a folder.
    """
    if model.startswith((".", "/", "~")) or model.endswith(("/", "\\", ".json")):
        try:
            is_folder = Path(model).expanduser().is_dir()
        except (OSError, ValueError, RuntimeError):
            return
        if is_folder:
            raise UsageError(f"{model!r} is a folder: name the config.json in it.")
