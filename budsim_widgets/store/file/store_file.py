"""One store file: read, and changed, one change at a time."""

from __future__ import annotations

import time
import warnings
from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final, TypeVar

from budsim_widgets.errors import StoreError
from budsim_widgets.printable import printable
from budsim_widgets.regular_files import read_regular
from budsim_widgets.store.file import atomic, copies, layout, temporaries
from budsim_widgets.store.file.locking import StoreLock
from budsim_widgets.store.file.os_errors import store_errors
from budsim_widgets.store.file.session import Session
from budsim_widgets.store.file.snapshots import Snapshot, Snapshots
from budsim_widgets.store.records.packing import DamagedHistoryError
from budsim_widgets.store.records.records import document_id
from budsim_widgets.store.records.schema import CONFIGS_TABLE, Schema, Tables
from budsim_widgets.store.records.texts import RecordTexts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

_ATTEMPTS: Final = 10
_RETRY_AFTER_SECONDS: Final = 0.1


class StoreDamagedWarning(UserWarning):
    """The store could not be read, or not all of it, and was set aside under another name."""


class _ChangedMeanwhileError(Exception):
    """The file isn't what it was: set aside, or replaced by a program that didn't ask for the lock."""


class StoreFile:
    """The file of a store, for one or more threads of one process.

    To read, the file's signature is looked at, and the file only if that has changed; it takes no lock, since the file
    is always replaced whole. A change holds the lock from its first read to its commit.

    Attributes:
        path: The file.
        schema: The layout that it is written in.
        notices: What a person should know about it.
    """

    def __init__(self, path: Path, schema: Schema, *, lock_timeout_seconds: float) -> None:
        self.path = path
        self.schema = schema
        self.notices: tuple[str, ...] = ()
        self._lock = StoreLock(path, timeout_seconds=lock_timeout_seconds)
        self._snapshots = Snapshots(path, schema)
        self._texts = RecordTexts()
        self._is_swept = False

    @property
    def lock_paths(self) -> tuple[Path, Path]:
        """The files of its lock, which nobody else may replace."""
        return self._lock.paths

    @property
    def reads(self) -> int:
        """How often the file was read so far."""
        return self._snapshots.reads

    def view(self) -> Session:
        """What the store holds now. Only to read: what is written to it is kept nowhere.

        Raises:
            StoreError: The file can't be read, or isn't ours.
        """
        with store_errors(self.path, doing="read"):
            try:
                return self._snapshots.current().session
            except layout.DamagedFileError as damage:
                return self._repaired(damage)

    def query(self, read: Callable[[Session], T]) -> T:
        """What a function reads of all of a record, its earlier versions too.

        Raises:
            StoreError: The file can't be read, or isn't ours.
        """
        try:
            return read(self.view())
        except DamagedHistoryError:
            return self.change(read)  # which sets the file aside before it reads again

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
                with suppress(_ChangedMeanwhileError), self._lock.held():
                    return self._change_once(operation)
        raise StoreError(
            f"Another program keeps replacing {self.path} while it is being written. Nothing was saved now.",
            path=str(self.path),
            next_step="Keep that program (a synchronised folder?) from this file, or use another file as the store.",
        )

    def _change_once(self, operation: Callable[[Session], T]) -> T:
        base = self._current_or_set_aside()
        session = Session(base.content.tables)
        try:
            result = operation(session)
        except DamagedHistoryError as damage:
            self._set_aside(_without_history(base, damage))
            raise _ChangedMeanwhileError from None
        if session.is_changed:
            self._tidy_up()
            self._keep_older_layout(base)
            self._commit(session.tables, base.signature)
        return result

    def _commit(self, tables: Tables, previous: atomic.Signature | None) -> None:
        def check_unchanged() -> None:
            if atomic.signature(self.path) != previous:
                raise _ChangedMeanwhileError

        data = layout.encode(tables, self.schema, texts=self._texts)
        layout.check_size(len(data), self.path)
        try:
            signature = atomic.replace(self.path, data, previous=previous, check=check_unchanged)
        except FileNotFoundError:  # the folder was removed since the lock was taken
            raise _ChangedMeanwhileError from None
        self._snapshots.remember(signature, layout.Content(tables, self.schema.version))

    def _tidy_up(self) -> None:
        if not self._is_swept:
            temporaries.sweep(self.path)
            self._is_swept = True

    def _keep_older_layout(self, base: Snapshot) -> None:
        if base.content.version < self.schema.version:
            backup = copies.keep(self._beside(f"layout-{base.content.version}-backup"), self._bytes())
            self._notify(f"The store was brought to a newer layout. As it was before it is kept as {backup}.")

    def _repaired(self, damage: layout.DamagedFileError) -> Session:
        try:
            return self.change(lambda session: session)
        except StoreError as error:
            if damage.salvaged is not None:  # in a read-only folder, say: what can be read is there all the same
                self._notify(f"{self.path} is damaged: {damage}. {error.message}")
                return self._snapshots.remember(damage.signature, damage.salvaged).session
            raise StoreError(
                f"{self.path} is damaged ({damage}) and can't be set aside. {error.message}",
                path=str(self.path),
                next_step=error.next_step,
            ) from error

    def _current_or_set_aside(self) -> Snapshot:
        self._snapshots.forget_incomplete()
        try:
            return self._snapshots.current()
        except layout.DamagedFileError:
            # Another program may be in the middle of writing it: look again before judging.
            time.sleep(_RETRY_AFTER_SECONDS)
        try:
            return self._snapshots.current()
        except layout.DamagedFileError as damage:
            self._set_aside(damage)
            return self._snapshots.current()

    def _set_aside(self, damage: layout.DamagedFileError) -> None:
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        aside = self._beside(f"damaged-{stamp}")
        if damage.salvaged is None:
            aside = copies.free_name(aside)
            self.path.rename(aside)
        else:
            aside = copies.keep(aside, self._bytes())
            self._commit(damage.salvaged.tables, damage.signature)
        notice = (
            f"The store of configs was damaged: {damage}. As it was it is kept as {aside}. "
            "Submit again what is missing, or fix that file and import it."
        )
        warnings.warn(self._notify(notice), StoreDamagedWarning, stacklevel=2)

    def _bytes(self) -> bytes:
        return read_regular(self.path, limit_bytes=layout.MAX_STORE_BYTES, follows_links=False)

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")

    def _notify(self, text: str) -> str:
        notice = printable(text)  # it names files, and records that anyone may have written
        if notice not in self.notices:
            self.notices = (*self.notices, notice)
        return notice


def _without_history(base: Snapshot, damage: DamagedHistoryError) -> layout.DamagedFileError:
    tables, key = base.content.tables, str(document_id(damage.model_id))
    configs = {**tables[CONFIGS_TABLE], key: {**tables[CONFIGS_TABLE][key], "history": ""}}
    return layout.DamagedFileError(
        f"{damage.model_id}: {damage}",
        salvaged=layout.Content({**tables, CONFIGS_TABLE: configs}, base.content.version),
        signature=base.signature,
    )
