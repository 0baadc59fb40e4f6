"""Whether a record of the file is one that this code can use: a person may have edited it, or a program broken it."""

from __future__ import annotations

from itertools import product
from operator import itemgetter
from typing import Any, Final

from budsim_widgets.store.records.clock import parse_time
from budsim_widgets.store.records.plain_json import MAX_DEPTH, is_deeper_than
from budsim_widgets.store.records.schema import CATALOG_TABLE, CONFIGS_TABLE

MAX_NUMBER: Final = 2**63
"""More than any version or any parameter count; numbers of thousands of digits can't even be written again."""


class _Fields:
    """The fields that a record has, each with the types that it may have."""

    def __init__(self, kinds: dict[str, tuple[type, ...]]) -> None:
        self._kinds = kinds
        self._values = itemgetter(*kinds)
        self._allowed = frozenset(product(*kinds.values()))

    def fault_of(self, record: Any) -> str | None:
        # Exact types instead of isinstance: true is no number. All at once, since a store may hold 10,000 records.
        if type(record) is not dict:
            return "it is no object"
        try:
            if tuple(map(type, self._values(record))) in self._allowed:
                return None
        except KeyError as missing:
            return f"`{missing.args[0]}` is missing"
        wrong = next(name for name, allowed in self._kinds.items() if type(record[name]) not in allowed)
        return f"`{wrong}` is of the wrong type"


_NONE: Final = type(None)
_VERSION_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "version": (int,),
    "updated_at": (str,),
    "source_format": (str,),
    "is_verified": (bool,),
    "published_parameters": (int, _NONE),
    "contributor": (str, _NONE),
    "config": (dict,),
}
_LINEAGE_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "author": (str, _NONE),
    "counter": (int, _NONE),
    "made_from": (list, _NONE),
    "place": (int, _NONE),
    "copied_from": (str, _NONE),
}
"""Fields that records of before don't have."""

_EARLIER: Final = _Fields(_VERSION_FIELDS)
_CONFIG: Final = _Fields({"model_id": (str,), "submitted_at": (str,), "history": (list, str), **_VERSION_FIELDS})
_CATALOG: Final = _Fields({"model_id": (str,), "revision": (str, _NONE), "resolved_at": (str,), "config": (dict,)})


def fault_of(table: str, record: Any) -> str | None:
    """Why this is no usable record of this table, or None; tables that aren't ours hold what they like."""
    if table == CONFIGS_TABLE:
        return _fault_of_config(record)
    if table == CATALOG_TABLE:
        return (
            _CATALOG.fault_of(record)
            or _fault_of_id(record)
            or _fault_of_time(record, "resolved_at")
            or _fault_of_depth(record)
        )
    return None


def fault_of_version(record: Any) -> str | None:
    """Why this is no usable record of an earlier version, or None."""
    return (
        _EARLIER.fault_of(record)
        or _fault_of_lineage(record)
        or _fault_of_numbers(record)
        or _fault_of_time(record, "updated_at")
        or _fault_of_depth(record)
    )


def _fault_of_config(record: Any) -> str | None:
    fault = (
        _CONFIG.fault_of(record)
        or _fault_of_lineage(record)
        or _fault_of_id(record)
        or _fault_of_numbers(record)
        or _fault_of_time(record, "submitted_at")
        or _fault_of_time(record, "updated_at")
        or _fault_of_depth(record)
    )
    if fault is not None or type(record["history"]) is str:  # which is looked at when it is unpacked
        return fault
    return next((f"in an earlier version {found}" for found in map(fault_of_version, record["history"]) if found), None)


def _fault_of_id(record: dict[str, Any]) -> str | None:
    return None if record["model_id"].strip() else "`model_id` is blank"


def _fault_of_numbers(record: dict[str, Any]) -> str | None:
    if not 1 <= record["version"] < MAX_NUMBER:
        return "`version` is out of range"
    if not 0 <= (record["published_parameters"] or 0) < MAX_NUMBER:
        return "`published_parameters` is out of range"
    return None


def _fault_of_lineage(record: dict[str, Any]) -> str | None:
    for name, allowed in _LINEAGE_FIELDS.items():
        value = record.get(name)
        if type(value) not in allowed:
            return f"`{name}` is of the wrong type"
        if type(value) is int and not 1 <= value < MAX_NUMBER:
            return f"`{name}` is out of range"
    if not all(type(parent) is str for parent in record.get("made_from") or ()):
        return "`made_from` is of the wrong type"
    return None


def _fault_of_depth(record: dict[str, Any]) -> str | None:
    # What is deeper could be read, but not copied or written again.
    return (
        f"`config` is nested more than {MAX_DEPTH} levels deep" if is_deeper_than(MAX_DEPTH, record["config"]) else None
    )


def _fault_of_time(record: dict[str, Any], name: str) -> str | None:
    try:
        parse_time(record[name])
    except ValueError:
        return f"`{name}` is no time"
    return None
