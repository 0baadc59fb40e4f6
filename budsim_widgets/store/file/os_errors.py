"""What the operating system reports, as a StoreError with the next step."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import StoreError
from budsim_widgets.regular_files import NotRegularFileError
from budsim_widgets.store.file.atomic import UnconfirmedError
from budsim_widgets.store.file.location import ENVIRONMENT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_DISK_FULL: Final = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_ALLOWED: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_SUCH_PLACE: Final = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP}


def or_elsewhere(step: str) -> str:
    """A step, or another file for the store."""
    return f"{step}, or set {ENVIRONMENT_VARIABLE} to a file elsewhere."


def or_another_file(step: str) -> str:
    """A step, or another file for what a person named."""
    return f"{step}, or name another file."


@contextmanager
def store_errors(path: Path, *, doing: str, or_otherwise: Callable[[str], str] = or_elsewhere) -> Iterator[None]:
    """Turn any OSError of the block into a StoreError.

    Args:
        path: The file that it is about.
        doing: What was tried: `read` or `written`.
        or_otherwise: Adds to a step how a person chooses another file.
    """
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        if isinstance(error, NotRegularFileError):
            what, next_step = _not_regular(error, path, doing)
        else:
            what, next_step = _explained(error, path, doing)
        raise StoreError(what, path=str(path), next_step=or_otherwise(next_step)) from error


def _explained(error: OSError, path: Path, doing: str) -> tuple[str, str]:
    """What an OSError means for the file, and what to do first."""
    if isinstance(error, UnconfirmedError):
        what = f"{path} was written, but the disk didn't confirm it ({error.strerror}): a power cut could undo it."
        return what, "Save once more"
    if error.errno in _DISK_FULL:
        what = f"There is no room left on the disk for {path}."
        return f"{what} Nothing was saved now; what was saved before is still there.", "Free some space and try again"
    if error.errno in _NOT_ALLOWED:
        why = "its folder or file is read-only" if doing == "written" else "it isn't open to this account"
        return f"{path} can't be {doing}: {why} ({error.strerror}).", "Give this account permission"
    if error.errno == errno.EEXIST:  # where its folder should be made
        return f"{path} can't be {doing}: what stands where its folder should be is no folder.", "Check the path"
    if error.errno in _NO_SUCH_PLACE:
        return f"{path} can't be {doing}: there is no such place for a file ({error.strerror}).", "Check the path"
    return f"{path} can't be {doing}: {error.strerror or error}.", "Try again"


def _not_regular(error: NotRegularFileError, path: Path, doing: str) -> tuple[str, str]:
    what = f"{error.filename} is {error.kind}, not a regular file"
    if doing == "read":
        return f"{what}.", "Check the path"
    if error.filename == str(path):
        return f"{what}. It was left as it is.", "Check the path"
    return f"{what}. It was left as it is, and {path} can't be written.", "Remove it, if nothing else needs it"
