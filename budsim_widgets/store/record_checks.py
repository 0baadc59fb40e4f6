"""Whether a record of the file is one that this code can use: a person may have edited it, or a program broken it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from budsim_widgets.store.records import CATALOG_TABLE, CONFIGS_TABLE

_Kinds = dict[str, tuple[type, ...]]

_VERSION_FIELDS: Final[_Kinds] = {
    "version": (int,),
    "updated_at": (str,),
    "source_format": (str,),
    "is_verified": (bool,),
    "published_parameters": (int, type(None)),
    "contributor": (str, type(None)),
    "config": (dict,),
}
_CONFIG_FIELDS: Final[_Kinds] = {"model_id": (str,), "submitted_at": (str,), "history": (list,), **_VERSION_FIELDS}
_CATALOG_FIELDS: Final[_Kinds] = {
    "model_id": (str,),
    "revision": (str, type(None)),
    "resolved_at": (str,),
    "config": (dict,),
}


def is_readable(table: str, record: Any) -> bool:
    """Whether this is a usable record of this table; tables that aren't ours hold what they like."""
    if table == CONFIGS_TABLE:
        return _is_readable_config(record)
    if table == CATALOG_TABLE:
        return _has_fields(record, _CATALOG_FIELDS) and _is_time(record["resolved_at"])
    return isinstance(record, dict)


def _is_readable_config(record: Any) -> bool:
    return (
        _has_fields(record, _CONFIG_FIELDS)
        and _is_time(record["submitted_at"])
        and _is_time(record["updated_at"])
        and all(_has_fields(item, _VERSION_FIELDS) and _is_time(item["updated_at"]) for item in record["history"])
    )


def _has_fields(record: Any, kinds: _Kinds) -> bool:
    # `type() in` instead of isinstance: JSON has exact types, true is no number, and 10,000 records take half as long.
    return type(record) is dict and all(
        name in record and type(record[name]) in allowed for name, allowed in kinds.items()
    )


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
