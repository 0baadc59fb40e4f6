"""A team's configs in a dataset repository of the Hub: share what is kept here, sync what others shared."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from budsim_widgets.actions.named_models import NamedModels
from budsim_widgets.sharing.summaries import ShareSummary, SyncSummary, UnshareSummary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.actions.saved_actions import SavedConfigActions
    from budsim_widgets.resolver import Resolver
    from budsim_widgets.sharing.conflicts import ConfigConflict
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import KeptConfigs
    from budsim_widgets.sharing.progress import Progress
    from budsim_widgets.store import ImportSummary
    from budsim_widgets.store.exchange.import_checks import Contributor

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
        self._models = NamedModels(resolver, saved)

    def share(
        self,
        repo_id: str,
        *,
        model_ids: Iterable[str] | None = None,
        as_pull_request: bool = False,
        progress: Progress | None = None,
    ) -> ShareSummary:
        """Puts kept configs into a dataset repository of the Hub, for everybody who may read it.

        What the repository has of the same models is merged: every edit stays, under the name of who made it. The one
        made from the others counts; where two know nothing of each other, the one that came first stays in front, and
        both are told. What was deleted there isn't put back unless its model is named. The configs here stay as they
        are.

        Args:
            repo_id: The dataset, such as `my-org/configs`; it is never made silently.
            model_ids: Which models' configs; None: all that are kept.
            as_pull_request: Open a pull request, for whoever may write there. One that is open is used again, so that
                nobody gets the same twice.
            progress: Is told how far it is, and can stop it.

        Raises:
            TeamStoreError: `TeamIdError`, `TeamNotFoundError`, `TeamAccessError` (no right to write: open a pull
                request), `TeamConflictError`; or the repository would hold more than it may: then nothing is shared.
            TokenError: Nobody is logged in, or the token is invalid.
            HubError: Rate limit, Hub down, offline.
            ModelIdError: One of the models has no valid id.
            StoreError: No config is kept for one of the models.

        Example:
            >>> bw.share("my-org/configs").message  # doctest: +SKIP
            '3 models shared in my-org/configs.'
        """
        from budsim_widgets.sharing import push  # noqa: PLC0415 - a calculation needs no TinyDB

        names = self._models.kept(model_ids)
        if model_ids is not None and not names:
            return ShareSummary(repo_id=repo_id, is_empty=True)
        files = self._files(progress)
        kept = self._kept(names, files, repo_id)
        pushed = push.push(
            files,
            repo_id,
            kept,
            self._resolver.store.teams,
            as_pull_request=as_pull_request,
            puts_back=model_ids is not None,
        )
        return ShareSummary(
            repo_id=pushed.repo_id,
            shared=tuple(pushed.shared),
            unchanged=tuple(pushed.unchanged),
            waiting=tuple(pushed.waiting),
            deleted=tuple(pushed.deleted),
            rejected=(*kept.rejected, *pushed.rejected),
            changes=tuple(pushed.changes),
            url=pushed.url,
            is_pull_request=as_pull_request and pushed.url is not None,
        )

    def sync(
        self, repo_id: str, *, model_ids: Iterable[str] | None = None, progress: Progress | None = None
    ) -> SyncSummary:
        """Merges a team's configs into the kept ones, and puts there the edits of the same models that only are here.

        Every config passes the checks of a paste; those that don't are left out and named. The kept ones say from whom
        they come (`contributor`: who made them). Models that the repository doesn't have stay here; those that were
        forgotten here stay forgotten unless they are named.

        Args:
            repo_id: The dataset, such as `my-org/configs`.
            model_ids: Which models' configs, also those that were forgotten here; None: all but those.
            progress: Is told how far it is, and can stop it.

        Raises:
            TeamStoreError: `TeamIdError`, `TeamNotFoundError`, `TeamAccessError` (no right to read).
            TokenError: The token is invalid.
            HubError: Rate limit, Hub down, offline.
            ModelIdError: One of the models has no valid id.
            StoreError: The store can't be read or written.

        Example:
            >>> bw.sync("my-org/configs").message  # doctest: +SKIP
            'my-org/configs: 2 added, 5 kept as they are.'
        """
        from budsim_widgets.sharing.files import path_of  # noqa: PLC0415 - a calculation needs no Hub
        from budsim_widgets.sharing.sync import Syncing  # noqa: PLC0415 - a calculation needs no TinyDB

        named = (
            None if model_ids is None else {path_of(model_id): model_id for model_id in self._models.named(model_ids)}
        )
        if named == {}:
            return SyncSummary(repo_id=repo_id, is_empty=True)
        files = self._files(progress)
        syncing = Syncing(
            files,
            self._resolver.store,
            lambda: self._kept(self._models.kept(), files, repo_id),
            self._import,
            paths=named,
        )
        result = syncing.run(repo_id)
        pulled, pushed = result.pull, result.push
        return SyncSummary(
            repo_id=pushed.repo_id,
            added=tuple(pulled.added),
            updated=tuple(pulled.updated),
            kept=tuple(pulled.kept),
            rejected=tuple(pulled.rejected),
            shared=tuple(pushed.shared),
            forgotten=tuple(result.forgotten),
            deleted=tuple(result.deleted),
            missing=tuple(model_id for path, model_id in (named or {}).items() if path in result.missing),
            changes=tuple(pulled.changes),
            url=pushed.url,
            notices=tuple(pulled.notices),
        )

    def unshare(self, repo_id: str, model_ids: Iterable[str]) -> UnshareSummary:
        """Deletes the configs of models in a team's repository, with their history there.

        What is kept here and by others stays; nobody's next `share` puts it back unless the model is named. Git keeps
        what was there: whoever may write can bring the file back.

        Args:
            repo_id: The dataset, such as `my-org/configs`.
            model_ids: The models.

        Raises:
            TeamStoreError: `TeamIdError`, `TeamNotFoundError`, `TeamAccessError`, `TeamConflictError`.
            TokenError: Nobody is logged in, or the token is invalid.
            HubError: Rate limit, Hub down, offline.
            ModelIdError: One of the models has no valid id.

        Example:
            >>> bw.unshare("my-org/configs", ["org/model"]).message  # doctest: +SKIP
            'org/model deleted in my-org/configs. What is kept here stays; the next share leaves it out.'
        """
        from budsim_widgets.sharing.unshare import unshare  # noqa: PLC0415 - a calculation needs no Hub

        return unshare(self._files(), repo_id, self._models.named(model_ids), self._resolver.store.teams)

    def conflicts(self) -> tuple[ConfigConflict, ...]:
        """The kept configs that two people or more have changed at the same time, and nobody decided between.

        Restoring one of the versions, the one that counts too, decides; the next `sync` tells the team.

        Raises:
            StoreError: The store can't be read.

        Example:
            >>> bw.config_conflicts()[0].versions  # doctest: +SKIP
            (3, 2)
        """
        from budsim_widgets.sharing.conflicts import conflicts_in  # noqa: PLC0415 - a calculation needs no TinyDB

        return conflicts_in(self._resolver.store)

    def _files(self, progress: Progress | None = None) -> TeamFiles:
        from budsim_widgets.hub.datasets.client import DatasetClient  # noqa: PLC0415 - a calculation needs no Hub
        from budsim_widgets.sharing.files import TeamFiles  # noqa: PLC0415 - the same

        hub = self._resolver.hub
        client = DatasetClient(endpoint=hub.endpoint, timeout_seconds=_TIMEOUT_FACTOR * hub.timeout_seconds)
        return TeamFiles(client, progress)

    def _kept(self, names: list[str], files: TeamFiles, repo_id: str) -> KeptConfigs:
        from budsim_widgets.sharing.local_configs import KeptConfigs  # noqa: PLC0415 - a calculation needs no TinyDB

        return KeptConfigs(self._resolver.store, names, cache(lambda: files.client.account(repo_id)))

    def _import(self, content: bytes, contributor: Contributor) -> ImportSummary:
        from budsim_widgets.sharing.local_configs import check_once  # noqa: PLC0415 - a calculation needs no TinyDB

        return self._saved.import_bytes(
            content, contributor=contributor, source_name="the repository", check=check_once
        )
