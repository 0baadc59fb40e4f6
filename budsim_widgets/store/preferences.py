"""What a person chose last time, such as their accelerator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinydb.table import Document

from budsim_widgets.store.records.records import document_id
from budsim_widgets.store.records.schema import PREFERENCES_TABLE

if TYPE_CHECKING:
    from budsim_widgets.store.file.session import Session
    from budsim_widgets.store.file.store_file import StoreFile

MAX_CHARACTERS = 200


class Preferences:
    """Texts by name; a part of `ConfigStore`.

    Args:
        file: The store's file.
    """

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def get(self, name: str) -> str | None:
        """What was chosen, or None.

        Raises:
            StoreError: The store can't be read.
        """
        found = self._file.view().table(PREFERENCES_TABLE).get(doc_id=document_id(name))
        value = None if found is None else dict(found).get("value")
        return value[:MAX_CHARACTERS] if isinstance(value, str) else None

    def put(self, name: str, value: str) -> None:
        """Keep a choice in the place of the one before; an empty text forgets it.

        Raises:
            StoreError: The store can't be written.
        """
        if (self.get(name) or "") != value[:MAX_CHARACTERS]:
            self._file.change(lambda session: _replace(session, name, value[:MAX_CHARACTERS]))


def _replace(session: Session, name: str, value: str) -> None:
    table, key = session.table(PREFERENCES_TABLE), document_id(name)
    if table.contains(doc_id=key):
        table.remove(doc_ids=[key])
    if value:
        table.insert(Document({"name": name, "value": value}, doc_id=key))
