"""The catalog: configs that the Hub gave before, for the time without network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.store.records import clock
from budsim_widgets.store.records.plain_json import to_plain_json
from budsim_widgets.store.records.records import catalog_entry, catalog_record, normalize_id
from budsim_widgets.store.records.schema import CATALOG_TABLE
from budsim_widgets.store.records.values import CatalogEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.store.file.store_file import StoreFile


class Catalog:
    """The configs that the Hub gave; a part of `ConfigStore`.

    Args:
        file: The store's file.
    """

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def get(self, model_id: str) -> CatalogEntry | None:
        """The config that the Hub gave for a model before, or None."""
        record = self._file.view().get(CATALOG_TABLE, model_id)
        return None if record is None else catalog_entry(record)

    def put(self, model_id: str, config: Mapping[str, Any], revision: str | None) -> CatalogEntry:
        """Keep a config that the Hub gave, with the commit that it came from; the one before is forgotten.

        Raises:
            ModelIdError: The id is blank.
            ConfigError: The config is no plain JSON object.
        """
        plain = to_plain_json(config, model_id=model_id)
        record = catalog_record(
            CatalogEntry(model_id=normalize_id(model_id), config=plain, revision=revision, resolved_at=clock.utc_now())
        )
        self._file.change(lambda session: session.put(CATALOG_TABLE, record))
        return catalog_entry(record)
