"""What sharing and syncing did, as values and in a sentence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.printable import html_text, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.sharing.changes import ConfigChange
    from budsim_widgets.store import RejectedConfig

_MAX_TOLD: Final = 5


class _Told(ABC):
    """What is read as a sentence, in a notebook too."""

    @property
    @abstractmethod
    def message(self) -> str:
        """What was done, for a person."""

    def __str__(self) -> str:
        return self.message

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{html_text(line)}</p>" for line in self.message.split("\n"))
        return f"<div>{lines}</div>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """The sentences, in a terminal too: the values hold thousands of ids."""
        return {"text/plain": self.message, "text/html": self._repr_html_()}


@dataclass(frozen=True, kw_only=True)
class ShareSummary(_Told):
    """What sharing did, by model id.

    Attributes:
        repo_id: The dataset repository.
        shared: Models whose configs were put there, or offered.
        unchanged: Models whose configs are there already.
        waiting: Models whose configs a pull request of this person offers already.
        deleted: Models whose configs were deleted there, and weren't put back.
        rejected: Configs that were left out, with the reason.
        changes: Edits of others that stand beside the shared ones.
        url: The page of the commit or of the pull request; None where nothing had to be written.
        is_pull_request: Whether they were offered as a pull request, which somebody has to merge.
        is_empty: Whether no model was named.
    """

    repo_id: str
    shared: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    rejected: tuple[RejectedConfig, ...] = ()
    changes: tuple[ConfigChange, ...] = ()
    url: str | None = None
    is_pull_request: bool = False
    is_empty: bool = False

    @property
    def headline(self) -> str:
        """What was done, counted."""
        if self.is_empty:
            return "No model was named, so nothing was shared. Without model_ids all kept configs are."
        if not (self.shared or self.unchanged or self.waiting or self.rejected or self.deleted):
            return "No config is kept here yet: there is nothing to share."
        where = f"offered to {self.repo_id} as a pull request" if self.is_pull_request else f"shared in {self.repo_id}"
        parts = [f"{models_text(self.shared)} {where}" if self.shared else f"Nothing new for {self.repo_id}"]
        parts += [f"{len(self.unchanged)} there already"] if self.unchanged else []
        parts += [f"{len(self.waiting)} waiting in a pull request of yours, {self.url}"] if self.waiting else []
        parts += [f"{len(self.rejected)} left out"] if self.rejected else []
        return printable(f"{', '.join(parts)}.")

    @property
    def message(self) -> str:
        """What was done, for a person."""
        lines = [self.headline, *_sentences(self.changes)]
        if self.deleted:
            call = f"share({self.repo_id!r}, model_ids={_ids(self.deleted)})"
            lines.append(f"{models_text(self.deleted)} deleted there and not put back; {call} puts back.")
        return "\n".join(printable(line) for line in lines)


@dataclass(frozen=True, kw_only=True)
class SyncSummary(_Told):
    """What syncing did, by model id.

    Attributes:
        repo_id: The dataset repository.
        added: Models that this store had no config of.
        updated: Models whose config counts more there; the one before is in their history.
        kept: Models whose config here is the same or counts more.
        rejected: Configs that were left out, with the reason.
        shared: Models whose edits here were put there.
        forgotten: Models that were forgotten here, and weren't taken again.
        deleted: Models that are kept here, and were deleted there.
        missing: Models that were named, and that the repository has no config of.
        changes: What edits of others changed here, each with how to take one's own back.
        url: The page of that commit, or None.
        notices: What a person should know, such as that newer configs couldn't be put there.
        is_empty: Whether no model was named.
    """

    repo_id: str
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    rejected: tuple[RejectedConfig, ...] = ()
    shared: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    changes: tuple[ConfigChange, ...] = ()
    url: str | None = None
    notices: tuple[str, ...] = ()
    is_empty: bool = False

    @property
    def headline(self) -> str:
        """What was done, counted."""
        if self.is_empty:
            return "No model was named, so nothing was synced. Without model_ids all are."
        counted = (
            (self.added, "added"),
            (self.updated, "updated"),
            (self.kept, "kept as they are"),
            (self.shared, "newer here and shared"),
            (self.rejected, "left out"),
            (self.missing, "not there"),
        )
        counts = ", ".join(f"{len(entries)} {what}" for entries, what in counted if entries)
        nothing = "nothing to take over" if self.forgotten else "it holds no configs yet"
        return printable(f"{self.repo_id}: {counts or nothing}.")

    @property
    def message(self) -> str:
        """What was done, for a person."""
        lines = [self.headline, *_sentences(self.changes)]
        if self.forgotten:
            call = f"sync({self.repo_id!r}, model_ids={_ids(self.forgotten)})"
            lines.append(f"{models_text(self.forgotten)} forgotten here and not taken; {call} takes again.")
        if self.deleted:
            call = f"share({self.repo_id!r}, model_ids={_ids(self.deleted)})"
            lines.append(f"{models_text(self.deleted)} deleted there and kept here; {call} puts back.")
        return "\n".join(printable(line) for line in (*lines, *self.notices))


@dataclass(frozen=True, kw_only=True)
class UnshareSummary(_Told):
    """What was taken out of a repository.

    Attributes:
        repo_id: The dataset repository.
        removed: Models whose configs were deleted there.
        missing: Models that it has no config of.
        url: The page of the commit, or None.
    """

    repo_id: str
    removed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    url: str | None = None

    @property
    def message(self) -> str:
        """What was done, for a person."""
        parts = [f"{models_text(self.removed)} deleted in {self.repo_id}"] if self.removed else []
        parts += [f"{models_text(self.missing)} not there"] if self.missing else []
        kept = " What is kept here stays; the next share leaves it out." if self.removed else ""
        return printable(f"{', '.join(parts) or 'No model was named'}.{kept}")


def models_text(model_ids: Sequence[str]) -> str:
    """One model by its id, several by their number."""
    return model_ids[0] if len(model_ids) == 1 else f"{len(model_ids)} models"


def _sentences(changes: Sequence[ConfigChange]) -> list[str]:
    told = [change.sentence for change in changes[:_MAX_TOLD]]
    more = len(changes) - len(told)
    return [*told, f"{more} more changed so; .changes names them."] if more else told


def _ids(model_ids: Sequence[str]) -> str:
    shown = list(model_ids[:_MAX_TOLD])
    return f"[{', '.join(map(repr, shown))}{', …' if len(model_ids) > _MAX_TOLD else ''}]"
