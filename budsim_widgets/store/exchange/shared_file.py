"""One model's configs as a file that several people keep together, in the layout of a store.

What two people make of the same configs is the same file, and the order in which they merge theirs makes no
difference: nobody's config is lost, and nobody overwrites a file only to write it differently.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import StoreError
from budsim_widgets.store.file import layout
from budsim_widgets.store.records.lineage import (
    bounded,
    depth_of,
    edits_of,
    ordered,
    trusted,
    union,
    with_lineage,
)
from budsim_widgets.store.records.packing import DamagedHistoryError
from budsim_widgets.store.records.records import document_id, readable_record_of, versions_of
from budsim_widgets.store.records.schema import CONFIGS_TABLE, CURRENT
from budsim_widgets.store.records.versions import in_order, not_after

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from budsim_widgets.store.records.values import Versions

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
        if found.unreadable:
            raise _refused(name, found.unreadable[0].reason.rstrip("."))
        if len(records) != 1:
            raise _refused(name, f"it doesn't hold the configs of one model, but of {len(records)}")
        return with_lineage(trusted(in_order(versions_of(records[0]))))
    except (layout.DamagedFileError, DamagedHistoryError) as damage:
        raise _refused(name, str(damage)) from None
    except (RecursionError, layout.TooDeepFileError):
        raise _refused(name, "it is nested too deeply") from None


def united(*models: Versions, now: datetime) -> Versions:
    """The configs of one model that several people have, each once, in the order of their edits (`lineage`).

    What only concerns one person's store (its own numbering, verification, contributor) is left out.

    Args:
        models: What each of them has.
        now: No config counts as younger, whatever the clock of its author said.

    Example:
        Jane has A and, made from it, B; Bob has A and, made from it, C: together they have B and C, then A.
    """
    clamped = [not_after(versions, now) for versions in models]
    edits = bounded(reduce(union, (edits_of(_impersonal(versions)) for versions in clamped)))
    spelling = min(versions[0].model_id for versions in clamped)  # of several spellings the same for everybody
    since = min(version.submitted_at for versions in clamped for version in versions)
    return tuple(
        replace(edit, model_id=spelling, submitted_at=since, version=len(edits) - place)
        for place, edit in enumerate(edits.values())
    )


def placed(versions: Versions) -> Versions:
    """The same as they come into a repository: each that never was in one gets the next place there.

    Of edits that know nothing of each other, the one that came first stays in front of the others for everybody.
    """
    last = max((version.place or 0 for version in versions), default=0)
    new = sorted((version for version in versions if version.place is None), key=depth_of)
    places = {version.version: last + number for number, version in enumerate(new, 1)}
    numbered = [replace(version, place=version.place or places[version.version]) for version in versions]
    edits = ordered(edits_of(tuple(numbered)))
    return tuple(replace(edit, version=len(edits) - place) for place, edit in enumerate(edits.values()))


def _impersonal(versions: Versions) -> Versions:
    return tuple(
        replace(
            version,
            source_format=version.source_format if _FORMAT_NAME.fullmatch(version.source_format) else "json",
            is_verified=False,
            published_parameters=None,
            contributor=None,
        )
        for version in versions
    )


def _refused(name: str, reason: str) -> StoreError:
    return StoreError(f"{name} can't be read: {reason}.", path=name, next_step="Share the config again.")
