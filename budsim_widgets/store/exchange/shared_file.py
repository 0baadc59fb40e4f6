"""One model's configs as a file that several people keep together, in the layout of a store.

What two people make of the same configs is the same file, and the order in which they merge theirs makes no
difference: nobody's config is lost, and nobody overwrites a file only to write it differently.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import StoreError
from budsim_widgets.store.file import layout
from budsim_widgets.store.records.packing import DamagedHistoryError
from budsim_widgets.store.records.records import document_id, readable_record_of, versions_of
from budsim_widgets.store.records.schema import CONFIGS_TABLE, CURRENT
from budsim_widgets.store.records.versions import bounded, config_key, not_after

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from budsim_widgets.store.records.values import StoredConfig, Versions

_FORMAT_NAME: Final = re.compile(r"[A-Za-z0-9 ._-]{1,40}")


def shared_bytes(models: Iterable[Versions]) -> bytes:
    """The configs of these models as `ConfigStore.import_bytes` reads them."""
    records = {str(document_id(versions[0].model_id)): readable_record_of(versions) for versions in models}
    return layout.encode({CONFIGS_TABLE: records}, CURRENT)


def read_shared(content: bytes, *, name: str) -> Versions:
    """The configs of the one model that a shared file holds; unchecked, but of the right shape.

    Raises:
        StoreError: It is damaged, holds no or several models, or was written by a newer version.
    """
    try:
        found = layout.decode(content, path=name, schema=CURRENT)
        records = list(found.tables.get(CONFIGS_TABLE, {}).values())
        if found.unreadable or len(records) != 1:
            raise _refused(name, "it doesn't hold the configs of one model")
        return versions_of(records[0])
    except (layout.DamagedFileError, DamagedHistoryError) as damage:
        raise _refused(name, str(damage)) from None
    except RecursionError:
        raise _refused(name, "its earlier versions are nested too deeply") from None


def united(*models: Versions, now: datetime) -> Versions:
    """The configs of one model that several people have, each once, at the time when it was submitted last.

    What only concerns one person's store (its own numbering, verification, contributor) is left out.

    Args:
        models: What each of them has.
        now: No config counts as younger, whatever the clock of its author said.

    Example:
        Jane has A of Monday and B of Tuesday, Bob A of Wednesday: together they have A of Wednesday, then B.
    """
    clamped = [not_after(versions, now) for versions in models]
    latest: dict[str, StoredConfig] = {}
    for version in (version for versions in clamped for version in versions):
        key = config_key(version.config)
        latest[key] = max(latest.get(key, version), version, key=_precedence)
    ordered = sorted(latest.items(), key=lambda item: (item[1].updated_at, item[0]), reverse=True)
    spelling = max((versions[0].updated_at, versions[0].model_id) for versions in clamped)[1]
    since = min(version.submitted_at for versions in clamped for version in versions)
    kept = bounded(tuple(version for _, version in ordered))
    return tuple(
        _plain(version, model_id=spelling, submitted_at=since, number=len(kept) - place)
        for place, version in enumerate(kept)
    )


def is_same(some: Versions, others: Versions) -> bool:
    """Whether both are the same configs in the same order, whenever they were submitted."""
    return [config_key(version.config) for version in some] == [config_key(version.config) for version in others]


def _precedence(version: StoredConfig) -> tuple[datetime, str, str]:
    # Of the very same config at the very same time, any: but everybody the same, down to the order of its keys.
    return version.updated_at, version.source_format, json.dumps(version.config)


def _plain(version: StoredConfig, *, model_id: str, submitted_at: datetime, number: int) -> StoredConfig:
    is_name = _FORMAT_NAME.fullmatch(version.source_format) is not None
    return replace(
        version,
        model_id=model_id,
        submitted_at=submitted_at,
        version=number,
        source_format=version.source_format if is_name else "json",
        is_verified=False,
        published_parameters=None,
        contributor=None,
    )


def _refused(name: str, reason: str) -> StoreError:
    return StoreError(f"{name} can't be read: {reason}.", path=name, next_step="Share the config again.")
