"""What sharing and syncing did, as values and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.store import RejectedConfig


@dataclass(frozen=True, kw_only=True)
class ShareSummary:
    """What sharing did, by model id.

    Attributes:
        repo_id: The dataset repository.
        shared: Models whose configs were put there, or offered.
        unchanged: Models whose configs are there already.
        waiting: Models whose configs a pull request of this person offers already.
        rejected: Configs that were left out, with the reason.
        url: The page of the commit or of the pull request; None where nothing had to be written.
        is_pull_request: Whether they were offered as a pull request, which somebody has to merge.
    """

    repo_id: str
    shared: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    rejected: tuple[RejectedConfig, ...] = ()
    url: str | None = None
    is_pull_request: bool = False

    @property
    def message(self) -> str:
        """What was done, for a person."""
        if not (self.shared or self.unchanged or self.waiting or self.rejected):
            return "No config is kept here yet: there is nothing to share."
        where = f"offered to {self.repo_id} as a pull request" if self.is_pull_request else f"shared in {self.repo_id}"
        parts = [f"{models_text(self.shared)} {where}" if self.shared else f"Nothing new for {self.repo_id}"]
        parts += [f"{len(self.unchanged)} there already"] if self.unchanged else []
        parts += [f"{len(self.waiting)} waiting in a pull request of yours, {self.url}"] if self.waiting else []
        parts += [f"{len(self.rejected)} left out"] if self.rejected else []
        return printable(f"{', '.join(parts)}.")


@dataclass(frozen=True, kw_only=True)
class SyncSummary:
    """What syncing did, by model id.

    Attributes:
        repo_id: The dataset repository.
        added: Models that this store had no config of.
        updated: Models whose config was newer there; the one before is in their history.
        kept: Models whose config here is the same or newer.
        rejected: Configs that were left out, with the reason.
        shared: Models whose config was newer here, and was put there.
        url: The page of that commit, or None.
        notices: What a person should know, such as that newer configs couldn't be put there.
    """

    repo_id: str
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    rejected: tuple[RejectedConfig, ...] = ()
    shared: tuple[str, ...] = ()
    url: str | None = None
    notices: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What was done, for a person."""
        counted = (
            (self.added, "added"),
            (self.updated, "updated"),
            (self.kept, "kept as they are"),
            (self.shared, "newer here and shared"),
            (self.rejected, "left out"),
        )
        counts = ", ".join(f"{len(entries)} {what}" for entries, what in counted if entries)
        return printable(" ".join((f"{self.repo_id}: {counts or 'it holds no configs yet'}.", *self.notices)))


def models_text(model_ids: Sequence[str]) -> str:
    """One model by its id, several by their number."""
    return model_ids[0] if len(model_ids) == 1 else f"{len(model_ids)} models"
