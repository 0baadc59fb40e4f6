"""Where the store lies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

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
    chosen = Path(path) if path is not None else default_path()
    absolute = Path(os.path.realpath(chosen.expanduser()))
    return absolute / FILE_NAME if absolute.is_dir() else absolute
