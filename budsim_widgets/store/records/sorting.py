"""Records sorted out: those that can be used, each under the id of its model, and those that can't, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.store.records.checks import fault_of
from budsim_widgets.store.records.clock import parse_time
from budsim_widgets.store.records.records import document_id
from budsim_widgets.store.records.schema import CATALOG_TABLE, CONFIGS_TABLE
from budsim_widgets.store.records.values import RejectedConfig, as_label

if TYPE_CHECKING:
    from budsim_widgets.store.records.schema import Tables

_TIMES: Final = {CONFIGS_TABLE: "updated_at", CATALOG_TABLE: "resolved_at"}


def sorted_out(tables: Tables) -> tuple[Tables, tuple[RejectedConfig, ...]]:
    """The tables with usable records only, and what was left out. Tables that aren't ours stay as they are."""
    usable = dict(tables)
    unreadable: list[RejectedConfig] = []
    for name in tables:
        if name not in _TIMES:
            continue
        usable[name], rejected = _sorted_out(name, tables[name])
        unreadable += rejected
    return usable, tuple(unreadable)


def _sorted_out(name: str, table: dict[str, Any]) -> tuple[dict[str, dict[str, Any]], list[RejectedConfig]]:
    usable: dict[str, dict[str, Any]] = {}
    unreadable = []
    for key, record in table.items():
        fault = fault_of(name, record)
        if fault is not None:
            unreadable.append(RejectedConfig(_label(key, record), f"Its record can't be read: {fault}."))
            continue
        # Not the key of the file: a program or a person that adds a record doesn't know how ours are made.
        own_key = str(document_id(record["model_id"]))
        twin = usable.get(own_key)
        if twin is not None:
            unreadable.append(RejectedConfig(_label(key, record), "It stands in the file twice; the newer one counts."))
            record = max(twin, record, key=lambda one: parse_time(one[_TIMES[name]]))  # noqa: PLW2901 - of the two the one to keep
        usable[own_key] = record
    return usable, unreadable


def _label(key: str, record: Any) -> str:
    name = record.get("model_id") if isinstance(record, dict) else None
    return as_label(name if isinstance(name, str) and name.strip() else f"record {key}")
