"""One store file: what it held when last looked at, and changes to it, one at a time."""

from __future__ import annotations

import threading
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final, TypeVar

from budsim_widgets.errors import StoreError
from budsim_widgets.store import files, layout, schema
from budsim_widgets.store.faults import store_errors
from budsim_widgets.store.locking import StoreLock
from budsim_widgets.store.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

_ATTEMPTS: Final = 10
_SECOND_LOOK_AFTER_SECONDS: Final = 0.1


class StoreDamagedWarning(UserWarning):
    """The store could not be read, or not all of it, and was set aside under another name."""


class _ChangedByOthersError(Exception):
    """Another program replaced or removed the file without asking for the lock."""


@dataclass(frozen=True)
class _Snapshot:
    """The content of the file in one state of it."""

    signature: files.Signature | None
    content: layout.Content
    session: Session


class StoreFile:
    """The file of a store, for one or more threads of one process.

    Questions look at the file's signature and read it only if that has changed; they take no lock, since the file is
    always replaced whole. A change holds the lock from its first read to its commit.

    Attributes:
        path: The file.
        reads: How often it was read so far.
        notices: What a person should know about it.
    """

    def __init__(self, path: Path, *, lock_timeout_seconds: float, layout_schema: schema.Schema) -> None:
        self.path = path
        self.reads = 0
        self.notices: tuple[str, ...] = ()
        self._schema = layout_schema
        self._lock = StoreLock(path, timeout_seconds=lock_timeout_seconds)
        self._loading = threading.Lock()
        self._snapshot: _Snapshot | None = None
        self._is_swept = False

    def view(self) -> Session:
        """What the store holds now. Only to read: what is written to it is kept nowhere.

        Raises:
            StoreError: The file can't be read, or isn't ours.
        """
        with store_errors(self.path, doing="read"):
            try:
                return self._current().session
            except layout.DamagedFileError as damage:
                return self._mended(damage)

    def change(self, operation: Callable[[Session], T]) -> T:
        """Make a change that other threads and processes see whole or not at all.

        Args:
            operation: Makes the change in the session that it is given. It may be called again, on newer content.

        Returns:
            What the operation returned, once the change is on the disk.

        Raises:
            StoreError: The change wasn't made; what was stored before is still there.
        """
        with store_errors(self.path, doing="written"):
            for _ in range(_ATTEMPTS):
                with suppress(_ChangedByOthersError), self._lock.held():
                    return self._change_once(operation)
        raise StoreError(
            f"Another program keeps replacing {self.path} while it is being written. Nothing was saved now.",
            path=str(self.path),
            next_step="Keep that program (a synchronised folder?) from this file, or use another file as the store.",
        )

    def _change_once(self, operation: Callable[[Session], T]) -> T:
        base = self._current_or_set_aside()
        session = Session(base.content.tables)
        result = operation(session)
        if session.is_changed:
            self._tidy_up()
            self._keep_older_layout(base)
            self._commit(session.tables, base.signature)
        return result

    def _current(self) -> _Snapshot:
        known = self._snapshot
        if known is not None and known.signature == files.signature(self.path):
            return known
        with self._loading:
            # Another thread may have read it while this one waited.
            known = self._snapshot
            if known is not None and known.signature == files.signature(self.path):
                return known
            return self._load()

    def _load(self) -> _Snapshot:
        found = files.read(self.path)
        if found is None:
            return self._remember(None, layout.Content({}, self._schema.version))
        self.reads += 1
        data, signature = found
        content = layout.decode(data, path=self.path, schema=self._schema)
        if content.unreadable:
            raise layout.DamagedFileError(
                f"these of its records can't be read: {', '.join(content.unreadable)}", salvaged=content
            )
        return self._remember(signature, content)

    def _remember(self, signature: files.Signature | None, content: layout.Content) -> _Snapshot:
        self._snapshot = _Snapshot(signature, content, Session(content.tables))
        return self._snapshot

    def _commit(self, tables: schema.Tables, previous: files.Signature | None) -> None:
        def check_unchanged() -> None:
            if files.signature(self.path) != previous:
                raise _ChangedByOthersError

        data = layout.encode(tables, self._schema)
        try:
            signature = files.replace(self.path, data, previous=previous, check=check_unchanged)
        except FileNotFoundError:  # the folder was removed since the lock was taken
            raise _ChangedByOthersError from None
        self._remember(signature, layout.Content(tables, self._schema.version))

    def _tidy_up(self) -> None:
        if not self._is_swept:
            files.sweep(self.path)
            self._is_swept = True

    def _keep_older_layout(self, base: _Snapshot) -> None:
        if base.content.version < self._schema.version:
            backup = self._beside(f"layout-{base.content.version}-backup")
            files.write_copy(backup, self.path.read_bytes())
            self._notify(f"The store was brought to a newer layout. As it was before it is kept as {backup}.")

    def _mended(self, damage: layout.DamagedFileError) -> Session:
        try:
            return self.change(lambda session: session)
        except StoreError as error:
            raise StoreError(
                f"{self.path} is damaged ({damage}) and can't be set aside. {error.message}",
                path=str(self.path),
                next_step=error.next_step,
            ) from error

    def _current_or_set_aside(self) -> _Snapshot:
        try:
            return self._current()
        except layout.DamagedFileError:
            # Another program may be in the middle of writing it: look again before judging.
            time.sleep(_SECOND_LOOK_AFTER_SECONDS)
        try:
            return self._current()
        except layout.DamagedFileError as damage:
            return self._set_aside(damage)

    def _set_aside(self, damage: layout.DamagedFileError) -> _Snapshot:
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        aside = self._beside(f"damaged-{stamp}")
        if damage.salvaged is None:
            self.path.rename(aside)
        else:
            copied = files.signature(self.path)
            files.write_copy(aside, self.path.read_bytes())
            self._commit(damage.salvaged.tables, copied)
        notice = (
            f"The store of configs was damaged: {damage}. As it was it is kept as {aside}. "
            "Submit again what is missing, or mend that file and import it."
        )
        self._notify(notice)
        warnings.warn(notice, StoreDamagedWarning, stacklevel=2)
        return self._current()

    def _beside(self, ending: str) -> Path:
        return files.unused_name(self.path.with_name(f"{self.path.name}.{ending}"))

    def _notify(self, notice: str) -> None:
        self.notices = (*self.notices, notice)
