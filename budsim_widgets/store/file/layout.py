"""The file's layout: tables to bytes and back, and which files are not ours to change."""

from __future__ import annotations

import gc
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import StoreError
from budsim_widgets.store.records.schema import CATALOG_TABLE, CONFIGS_TABLE
from budsim_widgets.store.records.sorting import sorted_out
from budsim_widgets.store.records.texts import RecordTexts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from budsim_widgets.store.file import atomic
    from budsim_widgets.store.records.schema import Schema, Tables
    from budsim_widgets.store.records.values import RejectedConfig

MAX_STORE_BYTES: Final = 512 << 20
"""Room for 100,000 configs; whatever is larger is no store, and could not be read."""

_META_TABLE: Final = "meta"
_META_ID: Final = "1"
_FIRST_VERSION: Final = 1


@dataclass(frozen=True)
class Content:
    """What a store file holds.

    Attributes:
        tables: Its tables in the current layout, without the records that can't be read.
        version: The version of the layout that it was written in.
        unreadable: The records that were left out, each with the reason.
    """

    tables: Tables
    version: int
    unreadable: tuple[RejectedConfig, ...] = ()


class TooDeepFileError(StoreError):
    """A file, or whoever reads it, is nested too deeply."""


class DamagedFileError(Exception):
    """The file is no store that can be read, or not all of it; the text says why.

    Attributes:
        salvaged: What could be read, or None.
        signature: The state of the file that this is about, where something was salvaged.
    """

    def __init__(
        self, reason: str, *, salvaged: Content | None = None, signature: atomic.Signature | None = None
    ) -> None:
        super().__init__(reason)
        self.salvaged = salvaged
        self.signature = signature


def encode(tables: Tables, schema: Schema, *, texts: RecordTexts | None = None) -> bytes:
    """The bytes of a store file: JSON as TinyDB keeps it, a record a line.

    Args:
        tables: Its tables.
        schema: The layout that they are in.
        texts: Of the records that were written last.
    """
    written = {_META_TABLE: {_META_ID: {"schema_version": schema.version}}, **_without_meta(tables)}
    return (texts or RecordTexts()).of(written).encode("ascii")


def decode(content: bytes, *, path: Path | str, schema: Schema) -> Content:
    """What the bytes of a store file hold; nothing at all is an empty store.

    Args:
        content: The bytes.
        path: What messages call the file.
        schema: The layout that it is read in.

    Raises:
        DamagedFileError: They are no store that can be read.
        StoreError: They aren't ours to touch: another program's, or a newer version's.
    """
    if not content.strip():
        return Content({}, schema.version)
    with _without_garbage_collection():
        data = _parse(content, path)
        version = _version(data, path)
        if version > schema.version:
            raise _newer(path, version, schema.version)
        if not all(isinstance(table, dict) for table in data.values()):
            raise DamagedFileError("a table in it is no JSON object")
        tables, unreadable = sorted_out(schema.upgrade(_without_meta(data), version=version))
    return Content(tables, version, unreadable)


def check_size(num_bytes: int, path: Path) -> None:
    """Refuse a store of more than `MAX_STORE_BYTES`.

    Raises:
        StoreError: It is larger.
    """
    if num_bytes > MAX_STORE_BYTES:
        raise StoreError(
            f"{path} is no store of configs, or too large for one: it has more than {MAX_STORE_BYTES >> 20} MiB. "
            "It was left as it is.",
            path=str(path),
            next_step="Name another file as the store.",
        )


def _without_meta(tables: Tables) -> Tables:
    return {name: table for name, table in tables.items() if name != _META_TABLE}


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    # Parsing makes hundreds of thousands of objects and no garbage: looking for some takes a third of the time.
    was_enabled = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_enabled:
            gc.enable()


def _parse(content: bytes, path: Path | str) -> dict[str, Any]:
    try:
        data = json.loads(content)
    except RecursionError:
        # Perhaps it is the caller who is nested too deeply: no reason to set the file aside.
        raise TooDeepFileError(
            f"{path} is nested too deeply to be read from here. It was left as it is.",
            path=str(path),
            next_step="Call from less deeply nested code, or name another file as the store.",
        ) from None
    except ValueError as error:  # not UTF-8, not JSON, or a number of thousands of digits
        raise DamagedFileError(f"it is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise DamagedFileError("it is JSON, but no object")
    return data


def _version(data: dict[str, Any], path: Path | str) -> int:
    if _META_TABLE not in data:
        # Such as a model's config.json that BUDSIM_STORE names by mistake.
        if data and CONFIGS_TABLE not in data and CATALOG_TABLE not in data:
            raise StoreError(
                f"{path} is JSON, but no store of configs. It was left as it is.",
                path=str(path),
                next_step="Name another file as the store.",
            )
        return _FIRST_VERSION
    try:
        version = data[_META_TABLE][_META_ID]["schema_version"]
    except (KeyError, TypeError):
        raise DamagedFileError("it doesn't say which version it is") from None
    if type(version) is not int or version < _FIRST_VERSION:
        raise DamagedFileError("its version is no whole number from 1 on")
    return version


def _newer(path: Path | str, version: int, known: int) -> StoreError:
    return StoreError(
        f"{path} was written by a newer budsim-widgets (layout {version}; this one knows {known}). "
        "It was left as it is.",
        path=str(path),
        next_step="Upgrade the package: pip install --upgrade budsim-widgets.",
    )
