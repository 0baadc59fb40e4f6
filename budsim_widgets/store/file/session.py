"""TinyDB over what one reading or one change sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Document, Table

from budsim_widgets.store.records.records import document_id, record_of, versions_of
from budsim_widgets.store.records.schema import CONFIGS_TABLE
from budsim_widgets.store.records.values import for_caller

if TYPE_CHECKING:
    from budsim_widgets.store.records.schema import Tables
    from budsim_widgets.store.records.values import StoredConfig, Versions


class Session(Storage):
    """A TinyDB storage that begins with given tables and keeps what is written to itself.

    TinyDB's own operations read and write the storage several times. Here these are steps within one change, which
    the store file makes under its lock and commits once, or drops.

    NOTE: the documents are shared with what the session began with. Replace them, never change them in place, as
    `Table.update` and `Table.upsert` do.

    Attributes:
        tables: What the session holds now.
        is_changed: Whether anything was written.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.is_changed = False
        self.database = TinyDB(storage=lambda: self)

    def read(self) -> Tables:
        """The tables; a dict of the caller's own, since TinyDB puts changed tables into it."""
        return dict(self.tables)

    def write(self, data: Tables) -> None:
        """Keep the tables for the commit."""
        self.tables = data
        self.is_changed = True

    def table(self, name: str) -> Table:
        """A table without TinyDB's cache of queries, which never learns what other processes write."""
        return self.database.table(name, cache_size=0)

    def get(self, table: str, model_id: str) -> dict[str, Any] | None:
        """The record of a model, or None."""
        found = self.table(table).get(doc_id=document_id(model_id))
        return None if found is None else dict(found)

    def put(self, table: str, *records: dict[str, Any]) -> None:
        """Keep each record as the one of its model."""
        replacements = [Document(record, doc_id=document_id(record["model_id"])) for record in records]
        documents = self.table(table)
        # Not upsert: it merges, so that a key that the new record drops would stay. Older TinyDBs remove only what is
        # there.
        replaced = [document.doc_id for document in replacements if documents.contains(doc_id=document.doc_id)]
        documents.remove(doc_ids=replaced)
        documents.insert_multiple(replacements)

    def delete(self, table: str, model_id: str) -> bool:
        """Remove the record of a model; whether there was one."""
        if self.get(table, model_id) is None:
            return False
        self.table(table).remove(doc_ids=[document_id(model_id)])
        return True

    def all(self, table: str) -> list[dict[str, Any]]:
        """All records of a table."""
        return [dict(document) for document in self.table(table).all()]

    def versions(self, model_id: str) -> Versions:
        """The configs that were pasted for a model, the newest first; nothing where there is none.

        Raises:
            DamagedHistoryError: The earlier ones can't be read.
        """
        record = self.get(CONFIGS_TABLE, model_id)
        return () if record is None else versions_of(record)

    def put_versions(self, versions: Versions) -> StoredConfig:
        """Keep these versions of a model's config; the newest is handed out."""
        self.put(CONFIGS_TABLE, record_of(versions))
        return for_caller(versions[0])
