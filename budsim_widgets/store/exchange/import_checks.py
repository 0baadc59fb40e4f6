"""What an imported file holds: written by anyone, so that every part of it is checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from budsim_widgets.errors import BudsimError, StoreError
from budsim_widgets.store.file import layout
from budsim_widgets.store.records.lineage import MAX_EARLIER_VERSIONS, trusted
from budsim_widgets.store.records.packing import DamagedHistoryError
from budsim_widgets.store.records.plain_json import copy_of
from budsim_widgets.store.records.records import newest_version, versions_of
from budsim_widgets.store.records.schema import CONFIGS_TABLE
from budsim_widgets.store.records.values import RejectedConfig, StoredConfig, Versions, as_label
from budsim_widgets.store.records.versions import in_order, not_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from budsim_widgets.store.records.schema import Schema

    Check: TypeAlias = Callable[[dict[str, Any]], object]
    CheckId: TypeAlias = Callable[[str], object]
    Through: TypeAlias = Callable[[Sequence[Any]], Iterable[Any]]
    Contributor: TypeAlias = str | Callable[[StoredConfig], str]

MAX_IMPORT_BYTES: Final = 64 << 20
"""Room for some 30,000 configs."""

MAX_CONTAINERS: Final = 2_000_000
"""How many objects and lists a file may hold: 3 bytes of `{},` take 72 bytes of memory."""

MAX_MODELS: Final = 50_000
MAX_ID_LENGTH: Final = 200
"""Twice what the Hub allows."""

_ID: Final = re.compile(r"[\w.-]+(?:/[\w.-]+)?", re.ASCII)
"""What every id of a model looks like: no path, no markup, no blank."""

T = TypeVar("T")


@dataclass(frozen=True)
class CheckedImport:
    """For each model the versions that passed the checks, and what didn't."""

    configs: tuple[Versions, ...]
    rejected: tuple[RejectedConfig, ...]


@dataclass(frozen=True, kw_only=True)
class Checks:
    """What decides whether a model's configs are taken; a `BudsimError` that one raises keeps them out.

    Attributes:
        config: Called with a copy of each config.
        model_id: Called with the id of each model.
        through: Goes through the models, such as one that shows how far it is, and may end it.
    """

    config: Check | None = None
    model_id: CheckId | None = None
    through: Through = iter


def check_import(  # noqa: PLR0913 - all that an import depends on, each by name
    content: bytes, schema: Schema, *, source_name: str, checks: Checks, contributor: Contributor, now: datetime
) -> CheckedImport:
    """Read an exported file, or a copy of a store, and check every config in it.

    Args:
        content: The content of the file.
        schema: The newest layout that may be in it.
        source_name: What messages call the file.
        checks: What every model in it must pass.
        contributor: From whom the configs came, whatever the file says; or what tells it for each version.
        now: The latest time that a config may be of.

    Raises:
        StoreError: It is no store, or too large.
    """
    table = _decoded(content, schema, source_name)
    configs: list[Versions] = []
    rejected = list(table.unreadable)
    for record in checks.through(list(table.tables.get(CONFIGS_TABLE, {}).values())):
        versions, left_out = _checked(record, checks)
        rejected += left_out
        if versions:
            configs.append(_unproven(trusted(in_order(not_after(versions, now))), contributor))
    return CheckedImport(tuple(configs), tuple(rejected))


def _decoded(content: bytes, schema: Schema, source_name: str) -> layout.Content:
    if len(content) > MAX_IMPORT_BYTES:
        raise _too_much(source_name, f"it is larger than {MAX_IMPORT_BYTES >> 20} MiB")
    if content.count(b"{") + content.count(b"[") > MAX_CONTAINERS:
        raise _too_much(source_name, f"it holds more than {MAX_CONTAINERS:,} objects and lists")
    try:
        decoded = layout.decode(content, path=source_name, schema=schema)
    except layout.DamagedFileError as damage:
        raise _refused(source_name, str(damage), "Export the configs again.") from None
    except layout.TooDeepFileError:
        raise _refused(
            source_name, "it is nested too deeply to be read from here", "Export the configs again."
        ) from None
    if len(decoded.tables.get(CONFIGS_TABLE, {})) + len(decoded.unreadable) > MAX_MODELS:
        raise _too_much(source_name, f"it holds more than {MAX_MODELS:,} models")
    return decoded


def _too_much(source_name: str, reason: str) -> StoreError:
    return _refused(source_name, reason, "Export fewer models at a time.")


def _refused(source_name: str, reason: str, next_step: str) -> StoreError:
    return StoreError(f"Nothing was imported from {source_name}: {reason}.", path=source_name, next_step=next_step)


def _checked(record: dict[str, Any], checks: Checks) -> tuple[Versions, list[RejectedConfig]]:
    """The versions of a record that may be taken over, none if the newest may not, and why others may not."""
    newest, model_id = newest_version(record), record["model_id"]
    reason = _reason_against_id(model_id, checks) or _reason_against(newest, checks)
    if reason is not None:
        return (), [RejectedConfig(as_label(model_id), reason)]
    try:
        earlier = versions_of(record)[1 : MAX_EARLIER_VERSIONS + 1]
    except (DamagedHistoryError, RecursionError):
        return (newest,), [RejectedConfig(model_id, "Its earlier versions can't be read.")]
    passed, rejected = [newest], []
    for version in earlier:
        reason = _reason_against(version, checks)
        if reason is None:
            passed.append(version)
        else:
            rejected.append(RejectedConfig(model_id, f"Its earlier version {version.version}: {reason}"))
    return tuple(passed), rejected


def _reason_against_id(model_id: str, checks: Checks) -> str | None:
    if len(model_id) > MAX_ID_LENGTH or ".." in model_id or _ID.fullmatch(model_id) is None:
        return "Its id is none that a model can have."
    return _raised(checks.model_id, model_id)


def _reason_against(version: StoredConfig, checks: Checks) -> str | None:
    return _raised(checks.config, copy_of(version.config)) if checks.config is not None else None


def _raised(check: Callable[[T], object] | None, value: T) -> str | None:
    """What an error of the check says, or None where there is none."""
    try:
        if check is not None:
            check(value)
    except BudsimError as error:
        return error.message
    return None


def _unproven(versions: Versions, contributor: Contributor) -> Versions:
    # What the file says about the Hub's numbers, or about itself, proves nothing.
    return tuple(
        replace(
            version,
            is_verified=False,
            published_parameters=None,
            contributor=as_label(contributor if isinstance(contributor, str) else contributor(version)),
            source_format=as_label(version.source_format),
        )
        for version in versions
    )
