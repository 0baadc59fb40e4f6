"""The dataset repository in which a team keeps its configs can't be used."""

from __future__ import annotations

from typing import Any

from budsim_widgets.errors.hub import HubError


class TeamStoreError(HubError):
    """The dataset repository in which a team keeps its configs can't be used; `.repo_id` names it."""

    error_code = "TEAM_STORE"
    default_next_step = "Check the id of the dataset, and what its owner lets this account do."
    can_paste = False

    def __init__(self, message: str, *, repo_id: str | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.repo_id = repo_id


class TeamIdError(TeamStoreError, ValueError):
    """The text names no dataset: a model, a Space, a page, a path, or no id at all."""

    error_code = "INVALID_REPO_ID"


class TeamNotFoundError(TeamStoreError):
    """No such dataset for this account: mistyped, private, not made yet, or the id of a model."""

    error_code = "TEAM_NOT_FOUND"


class TeamAccessError(TeamStoreError):
    """The account or its token may not do there what was asked: read, write, or offer a pull request."""

    error_code = "TEAM_ACCESS"


class TeamConflictError(TeamStoreError):
    """Others changed the repository meanwhile, again and again."""

    error_code = "TEAM_CONFLICT"


class TeamStoppedError(TeamStoreError):
    """Sharing or syncing was stopped by the person, before it changed anything."""

    error_code = "TEAM_STOPPED"
