"""Records as JSON, each encoded once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from budsim_widgets.store.records.schema import Tables

to_json = json.JSONEncoder(separators=(",", ":")).encode


class RecordTexts:
    """The texts of the records as they were written last.

    A change replaces a record or two; encoding all others again would take most of its time. Records are never changed
    in place, so that the same object has the same text.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}

    def of(self, tables: Tables) -> str:
        """The JSON of these tables, a record a line, so that people can read and compare it."""
        texts = {(name, key): self._text(name, key, record) for name in tables for key, record in tables[name].items()}
        self._known = texts
        return (
            "{" + ",\n".join(f"{to_json(name)}:{_table(name, table, texts)}" for name, table in tables.items()) + "}\n"
        )

    def _text(self, name: str, key: str, record: dict[str, Any]) -> tuple[dict[str, Any], str]:
        known = self._known.get((name, key))
        return known if known is not None and known[0] is record else (record, f"{to_json(key)}:{to_json(record)}")


def _table(
    name: str, table: dict[str, dict[str, Any]], texts: dict[tuple[str, str], tuple[dict[str, Any], str]]
) -> str:
    return "{\n" + ",\n".join(texts[name, key][1] for key in table) + "}"
