"""Where the store lies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from budsim_widgets.errors import StoreError

FILE_NAME: Final = "configs.json"
ENVIRONMENT_VARIABLE: Final = "BUDSIM_STORE"


def default_path() -> Path:
    """The file that keeps the configs of this user: `$BUDSIM_STORE`, or `configs.json` in the user's data folder.

    Example:
        >>> default_path().suffix
        '.json'
    """
    chosen = os.environ.get(ENVIRONMENT_VARIABLE)
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed where the path is given, and slow to import

    return user_data_path("budsim_widgets", appauthor=False) / FILE_NAME


def resolve_path(path: str | os.PathLike[str] | None) -> Path:
    """The absolute path of a store file; a folder stands for the `configs.json` in it.

    Links are followed once, here: replacing a file through its link would put a file in the link's place.
    """
    chosen = absolute(path if path is not None else default_path())
    # Not Path.is_dir: for a name that is too long it raises.
    return chosen / FILE_NAME if os.path.isdir(chosen) else chosen  # noqa: PTH112


def absolute(path: str | os.PathLike[str]) -> Path:
    """The absolute path of what a person named, with all links followed.

    Raises:
        StoreError: No path reads so.
    """
    try:
        return Path(os.path.realpath(Path(path).expanduser()))
    except (ValueError, RuntimeError) as error:  # a zero byte, half a character; `~` and no such account
        shown = ascii(os.fspath(path))
        raise StoreError(f"{shown} is no path of a file: {error}", path=shown, next_step="Check the path.") from None
