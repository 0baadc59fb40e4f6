"""Where the store lies."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from budsim_widgets.errors import StoreError

FILE_NAME: Final = "configs.json"
ENVIRONMENT_VARIABLE: Final = "BUDSIM_STORE"

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|(?i:file):")
_OF_WINDOWS: Final = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_VARIABLE: Final = re.compile(r"\$\w|\$\{|%\w+%")
_BLANKS: Final = " \t\r\n\u00a0\u200b\u2060\ufeff"


def default_path() -> Path:
    """The file that keeps the configs of this user: `$BUDSIM_STORE`, or `configs.json` in the user's data folder.

    The variable is read as a line of a .env file: blanks around it and quotes don't count, so that one of blanks alone
    is as good as none, and `$HOME` in it is the value of that variable.

    Raises:
        StoreError: The variable names no file, or a variable that isn't set.

    Example:
        >>> default_path().suffix
        '.json'
    """
    chosen = _read(os.environ.get(ENVIRONMENT_VARIABLE, ""))
    if chosen:
        return Path(_path_of(chosen))
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed where the path is given, and slow to import

    return user_data_path("budsim_widgets", appauthor=False) / FILE_NAME


def _read(line: str) -> str:
    """What a line of a .env file says."""
    text = line.strip(_BLANKS)
    if text[:1] in {'"', "'"} and text[-1:] == text[:1]:
        text = text[1:-1].strip(_BLANKS)
    if _ADDRESS.match(text):  # where % means something else
        return text
    text = os.path.expandvars(text)
    if _VARIABLE.search(text):
        raise _no_path(text, "a variable in it isn't set")
    return text


def resolve_path(path: str | os.PathLike[str] | None) -> Path:
    """The absolute path of a store file; a folder stands for the `configs.json` in it.

    Links are followed once, here: replacing a file through its link would put a file in the link's place.
    """
    chosen = absolute(path if path is not None else default_path())
    # Not Path.is_dir: for a name that is too long it raises.
    return chosen / FILE_NAME if os.path.isdir(chosen) else chosen  # noqa: PTH112


def absolute(path: str | os.PathLike[str]) -> Path:
    """The absolute path of what a person named, a path or a `file://` address, with all links followed.

    Raises:
        StoreError: No path reads so.
    """
    try:
        return Path(os.path.realpath(Path(_path_of(path)).expanduser()))
    except (ValueError, RuntimeError) as error:  # a zero byte, half a character; `~` and no such account
        raise _no_path(path, str(error).rstrip(".")) from None


def _path_of(path: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """The path that a `file://` address stands for; every other path as it is."""
    if not isinstance(path, str):
        return path
    if not path.strip():
        raise _no_path(path, "it names nothing")
    if os.name != "nt" and _OF_WINDOWS.match(path):  # elsewhere it would be a file of this odd name, in this folder
        raise _no_path(path, "it is a path of Windows, and this is another system")
    if _ADDRESS.match(path) is None:
        return path
    from urllib.parse import urlsplit  # noqa: PLC0415 - hardly anybody names a file so
    from urllib.request import url2pathname  # noqa: PLC0415 - the same

    parts = urlsplit(path)
    if parts.scheme.lower() != "file":
        raise _no_path(path, "it is an address of the network")
    if parts.netloc.lower() not in {"", "localhost"}:
        raise _no_path(path, "it is a file of another computer")
    if not parts.path.startswith("/"):
        raise _no_path(path, "the address of a file begins with file:///")
    return url2pathname(parts.path)


def _no_path(path: str | os.PathLike[str], reason: str) -> StoreError:
    shown = ascii(os.fspath(path))
    return StoreError(
        f"{shown} is no path of a file: {reason}.",
        path=shown,
        next_step="Check the path; where none is given, BUDSIM_STORE names it.",
    )
