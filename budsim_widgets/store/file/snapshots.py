"""What the file held when it was last looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from budsim_widgets.store.file import atomic, layout
from budsim_widgets.store.file.process_lock import ProcessLock
from budsim_widgets.store.file.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from budsim_widgets.store.records.schema import Schema
    from budsim_widgets.store.records.values import RejectedConfig

_SHOWN_RECORDS: Final = 10


@dataclass(frozen=True)
class Snapshot:
    """The content of the file in one state of it, all of it or what could be read."""

    signature: atomic.Signature | None
    content: layout.Content
    session: Session


class Snapshots:
    """The newest snapshot of a file, for the threads of one process.

    Attributes:
        path: The file.
        reads: How often it was read so far.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self.path = path
        self.reads = 0
        self._schema = schema
        self._loading = ProcessLock()
        self._newest: Snapshot | None = None

    def current(self) -> Snapshot:
        """The content of the file as it is now; read only if the file's signature isn't the one of last time.

        Raises:
            DamagedFileError: It can't be read, or not all of it.
            StoreError: It isn't ours.
            OSError: The system doesn't let us.
        """
        known = self._newest
        if known is not None and known.signature == atomic.signature(self.path):
            return known
        with self._loading.held():
            # Another thread may have read it while this one waited.
            known = self._newest
            if known is not None and known.signature == atomic.signature(self.path):
                return known
            return self._load()

    def remember(self, signature: atomic.Signature | None, content: layout.Content) -> Snapshot:
        """Take this for what the file holds in that state."""
        self._newest = newest = Snapshot(signature, content, Session(content.tables))
        return newest

    def forget_incomplete(self) -> None:
        """Look again at a file of which not all could be read."""
        if self._newest is not None and self._newest.content.unreadable:
            self._newest = None

    def _load(self) -> Snapshot:
        known = atomic.signature(self.path)
        layout.check_size(known.size_bytes if known else 0, self.path)  # before any of it is read
        found = atomic.read(self.path, limit_bytes=layout.MAX_STORE_BYTES + 1)
        if found is None:
            return self.remember(None, layout.Content({}, self._schema.version))
        self.reads += 1
        data, signature = found
        layout.check_size(len(data), self.path)
        content = layout.decode(data, path=self.path, schema=self._schema)
        if content.unreadable:
            raise layout.DamagedFileError(_reasons(content.unreadable), salvaged=content, signature=signature)
        return self.remember(signature, content)


def _reasons(unreadable: Sequence[RejectedConfig]) -> str:
    shown = [f"{one.model_id} ({one.reason.rstrip('.')})" for one in unreadable[:_SHOWN_RECORDS]]
    more = len(unreadable) - len(shown)
    return f"some of its records were left out: {'; '.join(shown)}{f' and {more} more' if more else ''}"
