"""What the operating system reports, as a StoreError with the next step."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import StoreError
from budsim_widgets.store.location import ENVIRONMENT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DISK_FULL: Final = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_ALLOWED: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_SUCH_PLACE: Final = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP}
_ELSEWHERE: Final = f"set {ENVIRONMENT_VARIABLE} to a file elsewhere"


@contextmanager
def store_errors(path: Path, *, doing: str) -> Iterator[None]:
    """Turn any OSError of the block into a StoreError about `path`; `doing` is `read` or `written`."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise from_os_error(error, path, doing=doing) from error


def from_os_error(error: OSError, path: Path, *, doing: str) -> StoreError:
    """The StoreError that says what this OSError means for the store.

    Example:
        >>> from_os_error(OSError(errno.ENOSPC, "No space left on device"), Path("a.json"), doing="written").message
        'There is no room left on the disk for a.json. Nothing was saved now; what was saved before is still there.'
    """
    if error.errno in _DISK_FULL:
        return StoreError(
            f"There is no room left on the disk for {path}. "
            "Nothing was saved now; what was saved before is still there.",
            path=str(path),
            next_step=f"Free some space and try again, or {_ELSEWHERE}.",
        )
    if error.errno in _NOT_ALLOWED:
        return StoreError(
            f"{path} can't be {doing}: its folder or file is read-only for this account ({error.strerror}).",
            path=str(path),
            next_step=f"Allow this account to write there, or {_ELSEWHERE}.",
        )
    if error.errno in _NO_SUCH_PLACE:
        return StoreError(
            f"{path} can't be {doing}: there is no such place for a file ({error.strerror}).",
            path=str(path),
            next_step=f"Check the path, or {_ELSEWHERE}.",
        )
    return StoreError(
        f"{path} can't be {doing}: {error.strerror or error}.",
        path=str(path),
        next_step=f"Try again; if it stays so, {_ELSEWHERE}.",
    )
