"""A team's configs in a dataset repository of the Hub: share what is kept here, sync what others shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import HubError, TeamAccessError
from budsim_widgets.sharing.summaries import ShareSummary, SyncSummary, models_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.actions.saved_actions import SavedConfigActions
    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.resolver import Resolver
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import LocalConfigs
    from budsim_widgets.sharing.plan import Push
    from budsim_widgets.store import ImportSummary

_TIMEOUT_FACTOR = 3
"""Reading all files, or committing, takes longer than a request about one model."""


class Team:
    """What is done with a team's repository; a part of `Actions`.

    Args:
        resolver: The store and the Hub.
        saved: What is done with the kept configs.
    """

    def __init__(self, resolver: Resolver, saved: SavedConfigActions) -> None:
        self._resolver = resolver
        self._saved = saved

    def share(
        self, repo_id: str, *, model_ids: Iterable[str] | None = None, as_pull_request: bool = False
    ) -> ShareSummary:
        """Puts kept configs into a dataset repository of the Hub, for everybody who may read it.

        What the repository has of the same models is merged: the newer config counts, the older is history. If a
        colleague writes at the same time, it is read and merged again. The store here stays as it is.

        Args:
            repo_id: The dataset, such as `my-org/configs`; it is never made silently.
            model_ids: Which models' configs; None: all that are kept.
            as_pull_request: Open a pull request, for whoever may write there. One that is open is used again, so that
                nobody gets the same twice.

        Raises:
            TeamStoreError: `TeamIdError`, `TeamNotFoundError`, `TeamAccessError` (no right to write: open a pull
                request), `TeamConflictError`.
            TokenError: Nobody is logged in, or the token is invalid.
            HubError: Rate limit, Hub down, offline.
            ModelIdError: One of the models has no valid id.
            StoreError: No config is kept for one of the models.

        Example:
            >>> bw.share("my-org/configs").message  # doctest: +SKIP
            '3 models shared in my-org/configs.'
        """
        from budsim_widgets.sharing import push  # noqa: PLC0415 - a calculation needs no TinyDB
        from budsim_widgets.sharing.local_configs import shareable_configs  # noqa: PLC0415 - the same

        files = self._files()
        local, rejected = shareable_configs(self._resolver.store, self._kept_names(model_ids))
        pushed = push.push(files, repo_id, local, as_pull_request=as_pull_request)
        return ShareSummary(
            repo_id=pushed.repo_id,
            shared=tuple(pushed.shared),
            unchanged=tuple(pushed.unchanged),
            waiting=tuple(pushed.waiting),
            rejected=(*rejected, *pushed.rejected),
            url=pushed.url,
            is_pull_request=as_pull_request and pushed.url is not None,
        )

    def sync(self, repo_id: str) -> SyncSummary:
        """Merges a team's configs into the kept ones, and pushes those of the same models that are newer here.

        Every config passes the checks of a paste; those that don't are left out and named. The kept ones say from whom
        they come (`contributor`: whoever changed the file last). Models that the repository doesn't have stay here.

        Args:
            repo_id: The dataset, such as `my-org/configs`.

        Raises:
            TeamStoreError: `TeamIdError`, `TeamNotFoundError`, `TeamAccessError` (no right to read).
            TokenError: The token is invalid.
            HubError: Rate limit, Hub down, offline.
            StoreError: The store can't be read or written.

        Example:
            >>> bw.sync("my-org/configs").message  # doctest: +SKIP
            'my-org/configs: 2 added, 5 kept as they are.'
        """
        from budsim_widgets.sharing import pull  # noqa: PLC0415 - a calculation needs no TinyDB
        from budsim_widgets.sharing.local_configs import shareable_configs  # noqa: PLC0415 - the same

        files, store = self._files(), self._resolver.store
        snapshot = files.snapshot(repo_id)
        local, _ = shareable_configs(store, pull.models_in(snapshot, self._kept_names()))
        pulled = pull.pull(files, snapshot, local, self._import)
        local, _ = shareable_configs(store, pull.models_in(snapshot, self._kept_names()))
        pushed, notices = _push_newer(files, snapshot, local)
        return SyncSummary(
            repo_id=snapshot.repo_id,
            added=tuple(pulled.added),
            updated=tuple(pulled.updated),
            kept=tuple(pulled.kept),
            rejected=tuple(pulled.rejected),
            shared=tuple(pushed.shared),
            url=pushed.url,
            notices=notices,
        )

    def _files(self) -> TeamFiles:
        from budsim_widgets.hub.datasets.client import DatasetClient  # noqa: PLC0415 - the same
        from budsim_widgets.sharing.files import TeamFiles  # noqa: PLC0415 - a calculation needs no Hub

        hub = self._resolver.hub
        return TeamFiles(DatasetClient(endpoint=hub.endpoint, timeout_seconds=_TIMEOUT_FACTOR * hub.timeout_seconds))

    def _kept_names(self, model_ids: Iterable[str] | None = None) -> list[str]:
        """The ids that configs are kept under; None: all."""
        if model_ids is None:
            return [stored.model_id for stored in self._resolver.store.list()]
        named = (model_ids,) if isinstance(model_ids, str) else model_ids
        return list(dict.fromkeys(self._saved.stored_id(model_id) for model_id in named))

    def _import(self, content: bytes, contributor: str) -> ImportSummary:
        return self._saved.import_file(content, contributor=contributor, source_name=contributor)


def _push_newer(files: TeamFiles, snapshot: DatasetSnapshot, local: LocalConfigs) -> tuple[Push, tuple[str, ...]]:
    """Push those that are newer here; that it can't be done is no failure, since the rest is done."""
    from budsim_widgets.sharing import push  # noqa: PLC0415 - a calculation needs no TinyDB
    from budsim_widgets.sharing.plan import Push  # noqa: PLC0415 - the same

    newer = push.newer_of(files, snapshot, local)
    repo_id = snapshot.repo_id
    try:
        return push.push(files, repo_id, local, only_newer=True, snapshot=snapshot), ()
    except TeamAccessError:
        call = f"share({repo_id!r}, model_ids={newer!r}, as_pull_request=True)"
        why = f"but you may not write there. Open a pull request: {call}."
    except HubError as error:
        why = f"but couldn't be put there. {error}"
    return Push(repo_id), (f"The config of {models_text(newer)} is newer here, {why}",)
