"""Which config was made from which: an order of edits without a clock, and what several histories are together.

A config of a model is known by its content. It remembers how many edits deep it is (`counter`), from which configs it
was made (`made_from`, by their content ids), when it came into a team's repository (`place`), and who made it. The
union of histories takes the larger or smaller of each of these, so that neither the order nor a repetition matters.

Example:
    From X (1), Jane makes A and Bob makes B, both edits number 2 and both from X. Together they are A, B, X with two
    heads: nobody who knew both has decided. Who makes C (3) from both leaves one head.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.store.records.values import StoredConfig, Versions

MAX_EARLIER_VERSIONS: Final = 20
"""How many earlier versions of a model's config are kept; the oldest go first, those that nobody replaced last."""

MAX_DEPTH: Final = 1_000_000
"""More edits than anybody makes of one config."""

_MAX_PARENTS: Final = 200
_CONTENT_ID: Final = re.compile(r"[0-9a-f]{16}")
_MODEL: Final = re.compile(r"[\w.-]{1,96}(?:/[\w.-]{1,96})?", re.ASCII)
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?")

Edits: TypeAlias = "dict[str, StoredConfig]"
"""Configs of one model by their content id, in no order."""


def config_key(config: dict[str, Any]) -> str:
    """A text that is equal for configs of equal content, whatever the order of their keys.

    Comparing dicts would take 1, 1.0 and true for the same, and NaN for different from itself.
    """
    return json.dumps(config, sort_keys=True)


def content_id(config: dict[str, Any]) -> str:
    """A short name of a config's content, the same in every store.

    Example:
        >>> content_id({"a": 1, "b": 2}) == content_id({"b": 2, "a": 1})
        True
    """
    return hashlib.sha256(config_key(config).encode()).hexdigest()[:16]


def with_lineage(versions: Versions) -> Versions:
    """The same, each with how deep it is and what it was made from; where it doesn't say, from the one before.

    Depths that no history has, as only a hostile file says, are counted anew: else no later edit would count.
    """
    runs_away = any((version.counter or 0) > MAX_DEPTH for version in versions)
    if not runs_away and all(version.counter is not None and version.made_from is not None for version in versions):
        return versions
    found: list[StoredConfig] = []
    before: tuple[str, ...] = ()
    depth = 0
    for version in reversed(versions):
        depth = depth + 1 if runs_away else version.counter or max(version.version, depth + 1)
        parents = before if version.made_from is None else version.made_from
        before = (content_id(version.config),)
        found.append(replace(version, counter=depth, made_from=() if parents == before else parents))
    return tuple(reversed(found))


def edits_of(versions: Versions) -> Edits:
    """The configs of one history, each once: as deep as it was last, under the name of who made it first."""
    found: Edits = {}
    for edit in reversed(with_lineage(versions)):
        key = content_id(edit.config)
        found[key] = _again(found[key], edit) if key in found else edit
    return found


def trusted(versions: Versions) -> Versions:
    """The same without what no program of ours writes: names that no account or model has, numbers that run away."""
    return tuple(
        replace(
            version,
            author=version.author if version.author and _ACCOUNT.fullmatch(version.author) else None,
            place=version.place if (version.place or 0) <= MAX_DEPTH else None,
            made_from=_known_as_ids(version.made_from),
            copied_from=version.copied_from if _MODEL.fullmatch(version.copied_from or "") else None,
        )
        for version in versions
    )


def union(mine: Edits, theirs: Edits) -> Edits:
    """What both hold. Of a config that both have, what only concerns one store stays as it is in the first."""
    together = dict(mine)
    for key, edit in theirs.items():
        together[key] = _joined(together[key], edit) if key in together else edit
    return together


def heads(edits: Edits) -> tuple[str, ...]:
    """The configs that no other was made from, the one that counts first: several where nobody decided yet."""
    replaced = {
        parent
        for edit in edits.values()
        for parent in edit.made_from or ()
        if parent in edits and depth_of(edits[parent]) < depth_of(edit)
    }
    return tuple(key for key in ordered(edits) if key not in replaced)


def ordered(edits: Edits) -> Edits:
    """The deepest first; of equally deep ones, the first that came into a repository, or else the younger."""
    return dict(sorted(edits.items(), key=lambda item: _precedence(*item), reverse=True))


def bounded(edits: Edits) -> Edits:
    """The first ones in order, as many as are kept; none that nobody replaced goes while another can."""
    in_order = ordered(edits)
    surplus = len(in_order) - MAX_EARLIER_VERSIONS - 1
    if surplus <= 0:
        return in_order
    standing = set(heads(edits))
    leaving = [key for key in reversed(in_order) if key not in standing] + [
        key for key in reversed(in_order) if key in standing
    ]
    gone = set(leaving[:surplus])
    return {key: edit for key, edit in in_order.items() if key not in gone}


def depth_of(version: StoredConfig) -> int:
    """How many edits deep a version is; its number, where it was kept before that was counted."""
    return version.version if version.counter is None else version.counter


def lineages(edits: Edits) -> dict[str, tuple[object, ...]]:
    """What tells whether two histories say the same, whenever and in what format their configs were pasted."""
    return {
        key: (depth_of(edit), edit.made_from, edit.author, edit.place, edit.contributor) for key, edit in edits.items()
    }


def next_depth(edits: Edits) -> int:
    """How deep an edit is that knows all of these."""
    return max(map(depth_of, edits.values()), default=0) + 1


def _precedence(key: str, edit: StoredConfig) -> tuple[int, bool, int, float, str]:
    # A time counts only until a repository has given a place: clocks differ, and each reader cuts times of the future.
    time = edit.updated_at.timestamp() if edit.place is None else 0.0
    return depth_of(edit), edit.place is not None, -(edit.place or 0), time, key


def _again(older: StoredConfig, newer: StoredConfig) -> StoredConfig:
    """A config that counts for the second time in one history: still of the person who made it first."""
    is_of_unknown = older.author is None and older.contributor is not None
    source = newer if is_of_unknown and (newer.author is not None or newer.contributor is None) else older
    return replace(
        newer,
        author=source.author,
        contributor=source.contributor,
        made_from=_parents_of_both(older, newer),
        place=_least((older.place, newer.place)),
    )


def _joined(mine: StoredConfig, theirs: StoredConfig) -> StoredConfig:
    latest = max(mine, theirs, key=_latest)
    author = _least((mine.author, theirs.author))
    is_named_now = mine.author is None and mine.contributor is not None and author is not None
    return replace(
        mine,
        config=latest.config,
        updated_at=latest.updated_at,
        source_format=latest.source_format,
        counter=latest.counter,
        made_from=_parents_of_both(mine, theirs),
        author=author,
        place=_least((mine.place, theirs.place)),
        contributor=theirs.contributor if is_named_now else mine.contributor,
    )


def _known_as_ids(parents: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if parents is None:
        return None
    return tuple(parent for parent in parents[:_MAX_PARENTS] if _CONTENT_ID.fullmatch(parent))


def _parents_of_both(one: StoredConfig, other: StoredConfig) -> tuple[str, ...]:
    return tuple(sorted({*(one.made_from or ()), *(other.made_from or ())}))


def _latest(edit: StoredConfig) -> tuple[int, float, str, str]:
    # Of the same edit the earlier time: a time that lies in the future is cut anew by everybody who reads it.
    return depth_of(edit), -edit.updated_at.timestamp(), edit.source_format, json.dumps(edit.config)


def _least(values: Iterable[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)
