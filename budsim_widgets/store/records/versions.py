"""What a submission, a restoration or an import makes of the versions kept so far. Nothing here touches a file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime

    from budsim_widgets.store.records.values import StoredConfig, Versions

MAX_EARLIER_VERSIONS: Final = 20
"""How many earlier versions of a model's config are kept; the oldest go first."""

_MAX_NUMBER_FROM_OTHERS: Final = 1_000_000


def submitted(kept: Versions, new: StoredConfig) -> Versions:
    """The versions after a submission: the first time stays, the config before becomes history.

    The same config again is no new version; what is known of its verification stays known, and what was submitted
    here once never comes from others.
    """
    if not kept:
        return (new,)
    newest = kept[0]
    # A clock may jump backwards; times here don't.
    new = replace(new, submitted_at=newest.submitted_at, updated_at=max(new.updated_at, newest.updated_at))
    if config_key(new.config) == config_key(newest.config):
        contributor = new.contributor if newest.contributor is not None else None
        new = replace(_with_verification_of(newest, new), version=newest.version, contributor=contributor)
        return (new, *kept[1:])
    return bounded((replace(new, version=newest.version + 1), *kept))


def merged(kept: Versions, imported: Versions) -> Versions | None:
    """The versions of both, or None where the import brings nothing new.

    The config that was submitted last counts; the others become history, in order of time. They are numbered anew,
    so that a later one has a higher number.

    Example:
        Kept are version 2 of Wednesday and 1 of Monday, imported is one of Tuesday. Then version 3 is Wednesday's, 2
        Tuesday's and 1 Monday's.
    """
    known = {config_key(version.config): version for version in reversed(kept)}
    fresh = [version for version in imported if config_key(version.config) not in known]
    newest = max(kept[0], imported[0], key=lambda version: version.updated_at)
    if newest is not kept[0] and config_key(newest.config) != config_key(kept[0].config):
        earlier = [version for version in fresh if version is not newest]
        newest = _as_known(newest, known.get(config_key(newest.config)))
        fresh = [newest, *earlier]
    else:
        newest = kept[0]
    if not fresh:
        return None
    rest = [version for version in (*kept, *fresh) if version is not newest]
    rest.sort(key=lambda version: version.updated_at, reverse=True)
    return _numbered((newest, *rest), first_submitted_at=min(kept[0].submitted_at, imported[0].submitted_at))


def bounded(versions: Versions) -> Versions:
    """The newest and as many earlier ones as are kept."""
    return versions[: MAX_EARLIER_VERSIONS + 1]


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


def config_key(config: dict[str, Any]) -> str:
    """A text that is equal for configs of equal content, whatever the order of their keys.

    Comparing dicts would take 1, 1.0 and true for the same, and NaN for different from itself.
    """
    return json.dumps(config, sort_keys=True)


def _as_known(imported: StoredConfig, known: StoredConfig | None) -> StoredConfig:
    """The same, with what is known here of the very same config: a file proves nothing about it."""
    if known is None:
        return imported
    return replace(
        imported,
        is_verified=known.is_verified,
        published_parameters=known.published_parameters,
        contributor=known.contributor,
    )


def _with_verification_of(newest: StoredConfig, new: StoredConfig) -> StoredConfig:
    if new.is_verified or new.published_parameters is not None:
        return new
    return replace(new, is_verified=newest.is_verified, published_parameters=newest.published_parameters)


def _numbered(versions: Versions, *, first_submitted_at: datetime) -> Versions:
    top = max(len(versions), *(version.version for version in versions))
    return bounded(
        tuple(
            replace(version, version=top - place, submitted_at=first_submitted_at)
            for place, version in enumerate(versions)
        )
    )
