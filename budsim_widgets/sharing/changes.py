"""What somebody else's edits change for a person: which config counts now, whose it is, and where one's own went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budsim_widgets.store.records.lineage import content_id, depth_of, edits_of, heads, union

if TYPE_CHECKING:
    from budsim_widgets.store.records.lineage import Edits
    from budsim_widgets.store.records.values import StoredConfig, Versions


@dataclass(frozen=True, kw_only=True)
class ConfigChange:
    """A config that somebody else's edit replaced, or that stands beside one that nobody compared it with.

    Attributes:
        model_id: The model.
        author: The account of who made the other edit; None where nobody knows.
        is_conflict: Whether the two know nothing of each other; else the other one was made from the one here.
        is_replaced: Whether the other one counts now; else the one here does.
        is_own: Whether the one here was made here.
        version: The number that the one of the two that doesn't count has in the history here; None: it isn't here yet.
    """

    model_id: str
    author: str | None
    is_conflict: bool
    is_replaced: bool
    is_own: bool = True
    version: int | None = None

    @property
    def sentence(self) -> str:
        """What happened, and how to take the other one of the two."""
        who = self.author or "somebody"
        own = "yours" if self.is_own else "the one before"
        if self.is_conflict:
            counts = f"{who}'s counts, and {own}" if self.is_replaced else f"{own} counts, and {who}'s"
            what = f"{who} edited it at the same time: {counts}"
        else:
            what = f"{who}'s edit counts now, and {own}"
        if self.version is None:
            return f"{self.model_id}: {what} is in the history there; sync takes over what is there."
        call = f"restore_config({self.model_id!r}, {self.version})"
        return f"{self.model_id}: {what} is version {self.version} of its history; {call} takes it back."


@dataclass(frozen=True)
class Comparison:
    """The edits of one model here and in a repository.

    Attributes:
        together: What both hold.
        unshared: Those that nobody replaced and that only are here.
        unknown: Those that nobody replaced and that only are there.
        standing: Those that nobody replaced and that are here.
    """

    together: Edits
    unshared: tuple[str, ...]
    unknown: tuple[str, ...]
    standing: tuple[str, ...]

    @property
    def is_conflict(self) -> bool:
        """Whether an edit there and one here know nothing of each other."""
        return bool(self.unknown and self.standing)

    @property
    def counting(self) -> str:
        """The content id of what counts."""
        return next(iter(self.together_in_order))

    @property
    def together_in_order(self) -> tuple[str, ...]:
        """Those that nobody replaced, the one that counts first."""
        return heads(self.together)


def compare(here: Versions, there: Versions) -> Comparison:
    """The edits of one model here and in a repository."""
    mine, theirs = edits_of(here), edits_of(there)
    together = union(mine, theirs)
    first_ones = heads(together)

    def knows(edits: Edits, key: str) -> bool:
        return key in edits and depth_of(edits[key]) == depth_of(together[key])

    return Comparison(
        together,
        unshared=tuple(key for key in first_ones if knows(mine, key) and not knows(theirs, key)),
        unknown=tuple(key for key in first_ones if knows(theirs, key) and not knows(mine, key)),
        standing=tuple(key for key in first_ones if knows(mine, key)),
    )


def change_there(here: Versions, there: Versions) -> ConfigChange | None:
    """What a person should know who shares a config: that somebody edited it too, and whose counts."""
    comparison = compare(here, there)
    if not comparison.is_conflict:
        return None
    return ConfigChange(
        model_id=here[0].model_id,
        author=comparison.together[comparison.unknown[0]].author,
        is_conflict=True,
        is_replaced=comparison.counting in comparison.unknown,
    )


def change_here(before: Versions, there: Versions, after: Versions) -> ConfigChange | None:
    """What a merge has changed for whoever had `before`; None: the one that counts is the same, and nothing beside it.

    Args:
        before: What was kept here.
        there: What the repository holds.
        after: What is kept here now.
    """
    comparison = compare(before, there)
    counted, counts = content_id(before[0].config), content_id(after[0].config)
    if counted != counts:
        other = counts
    elif comparison.is_conflict:
        other = comparison.unknown[0]
    else:
        return None
    numbers = {content_id(version.config): version for version in reversed(after)}
    left = numbers.get(counted if counted != counts else other)
    return ConfigChange(
        model_id=after[0].model_id,
        author=comparison.together[other].author,
        is_conflict=comparison.is_conflict,
        is_replaced=counted != counts,
        is_own=is_own(before[0]),
        version=left.version if left else None,
    )


def is_own(version: StoredConfig) -> bool:
    """Whether it was made by the person here."""
    return version.contributor is None
