"""What a submission, a restoration or an import makes of the versions kept so far. Nothing here touches a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from budsim_widgets.store.records.lineage import (
    MAX_EARLIER_VERSIONS,
    bounded,
    config_key,
    content_id,
    edits_of,
    heads,
    lineages,
    next_depth,
    union,
)

if TYPE_CHECKING:
    from datetime import datetime

    from budsim_widgets.store.records.lineage import Edits
    from budsim_widgets.store.records.values import StoredConfig, Versions

_MAX_NUMBER_FROM_OTHERS: Final = 1_000_000


def submitted(kept: Versions, new: StoredConfig) -> Versions:
    """The versions after a submission: the first time stays, the config before becomes history.

    It is made from all that nobody had replaced so far: who submits a config decides between those. The same config
    again is no new version; what is known of its verification stays known, and what was submitted here once never
    comes from others.
    """
    if not kept:
        return (replace(new, counter=1, made_from=()),)
    edits = edits_of(kept)
    newest, key = kept[0], content_id(new.config)
    # A clock may jump backwards; times here don't.
    new = replace(new, submitted_at=newest.submitted_at, updated_at=max(new.updated_at, newest.updated_at))
    if key == content_id(newest.config):
        return (_resubmitted(newest, new, edits), *kept[1:])
    known = edits.get(key)
    if known is not None:  # whoever made it first: going back to it makes it nobody else's
        new = replace(new, author=known.author, contributor=known.contributor, place=known.place)
    new = replace(new, counter=next_depth(edits), made_from=_sorted(heads(edits)), version=newest.version + 1)
    return first_ones((new, *kept))


def merged(kept: Versions, imported: Versions) -> Versions | None:
    """The versions of both, each config once, or None where the import brings nothing new.

    The config that is most edits deep counts; the others become history. They are numbered anew, so that a later one
    has a higher number.

    Example:
        Kept are version 2 and, from which it was made, 1; imported is another one made from 1. Then version 3 is the
        one that counted here, 2 the imported one.
    """
    mine = edits_of(kept)
    together = union(mine, edits_of(imported))
    if lineages(together) == lineages(mine):
        return None
    return _numbered(kept, bounded(together), first_submitted_at=min(kept[0].submitted_at, imported[0].submitted_at))


def first_ones(versions: Versions) -> Versions:
    """The newest and as many earlier ones as are kept; none that nobody replaced goes while another can."""
    surplus = len(versions) - MAX_EARLIER_VERSIONS - 1
    if surplus <= 0:
        return versions
    edits = edits_of(versions)
    standing = set(heads(edits))
    places = [place for place, version in enumerate(versions) if content_id(version.config) not in standing]
    gone = set((places or list(range(len(versions))))[-surplus:])
    return tuple(version for place, version in enumerate(versions) if place not in gone)


def in_order(versions: Versions) -> Versions:
    """The same with numbers that fall from one to the next, where a file's don't, or run away."""
    numbers = [version.version for version in versions]
    if numbers == sorted(set(numbers), reverse=True) and numbers[0] <= _MAX_NUMBER_FROM_OTHERS:
        return versions
    return tuple(replace(version, version=len(versions) - place) for place, version in enumerate(versions))


def not_after(versions: Versions, now: datetime) -> Versions:
    """The same with no time in the future, where another machine's clock may have been."""
    return tuple(
        replace(version, submitted_at=min(version.submitted_at, now), updated_at=min(version.updated_at, now))
        for version in versions
    )


def _resubmitted(newest: StoredConfig, new: StoredConfig, edits: Edits) -> StoredConfig:
    """The same config once more; it decides where others stood beside it."""
    others = tuple(key for key in heads(edits) if key != content_id(newest.config))
    contributor = new.contributor if newest.contributor is not None else None
    return replace(
        _with_verification_of(newest, new),
        version=newest.version,
        contributor=contributor if newest.author is None else newest.contributor,
        author=newest.author,
        counter=next_depth(edits) if others else newest.counter,
        made_from=_sorted((*(edits[content_id(newest.config)].made_from or ()), *others)),
        place=newest.place,
    )


def _sorted(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*keys}))


def _with_verification_of(newest: StoredConfig, new: StoredConfig) -> StoredConfig:
    if new.is_verified or new.published_parameters is not None:
        return new
    return replace(new, is_verified=newest.is_verified, published_parameters=newest.published_parameters)


def _numbered(kept: Versions, edits: Edits, *, first_submitted_at: datetime) -> Versions:
    versions = tuple(replace(edit, submitted_at=first_submitted_at) for edit in edits.values())
    numbers = {content_id(version.config): version.version for version in reversed(kept)}
    if list(numbers) == list(reversed(edits)) and len(numbers) == len(kept):
        return tuple(replace(version, version=numbers[key]) for key, version in zip(edits, versions, strict=True))
    top = max(len(versions), kept[0].version)
    if config_key(versions[0].config) != config_key(kept[0].config):
        top = max(top, kept[0].version + 1)  # the number of the one that counted isn't given to another
    return tuple(replace(version, version=top - place) for place, version in enumerate(versions))
