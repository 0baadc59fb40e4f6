"""Both ways: a team's configs into this store, and the edits here of the same models into the repository."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from budsim_widgets.errors import HubError, ModelIdError, TeamAccessError, TeamConflictError, TeamStoppedError
from budsim_widgets.hub.datasets.responses import blob_id
from budsim_widgets.sharing.files import config_paths, path_of
from budsim_widgets.sharing.limits import check_room
from budsim_widgets.sharing.plan import Push, plan_on
from budsim_widgets.sharing.pull import Pull, pull
from budsim_widgets.sharing.push import commit, until_nobody_is_faster
from budsim_widgets.sharing.summaries import models_text
from budsim_widgets.store.team_records import SeenFile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import KeptConfigs
    from budsim_widgets.sharing.plan import Plan
    from budsim_widgets.sharing.pull import Import
    from budsim_widgets.store import ConfigStore

    Keep = Callable[[], KeptConfigs]


@dataclass
class Sync:
    """What syncing did.

    Attributes:
        push: What was put there.
        pull: What was taken over.
        forgotten: Models that were forgotten here, and that the repository has.
        deleted: Models that are kept here, and were deleted there.
        missing: The files that were named, and that aren't there.
    """

    push: Push
    pull: Pull = field(default_factory=Pull)
    forgotten: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)


class Syncing:
    """One sync of a store with a repository.

    Args:
        files: The repository's files.
        store: The store.
        keep: Gives what the store has now.
        import_: Merges what was read into the store.
        paths: The files of the models that were named, which are taken although they were forgotten; None: all files.
    """

    def __init__(
        self, files: TeamFiles, store: ConfigStore, keep: Keep, import_: Import, *, paths: Collection[str] | None
    ) -> None:
        self._files, self._store, self._keep, self._import = files, store, keep, import_
        self._paths = paths
        self._pulled = Pull()

    def run(self, repo_id: str) -> Sync:
        """Take over what is there, then put there what nobody there has replaced.

        Raises:
            HubError: The repository can't be read; each reason has a class of its own.
            StoreError: The store can't be read or written.
        """
        results: list[Sync] = []
        try:
            until_nobody_is_faster(lambda: self._once(repo_id, results))
        except TeamConflictError as error:
            results[-1].pull = self._pulled
            self._pulled.notices.append(f"Edits here couldn't be put there. {error}")
        return results[-1]

    def _once(self, repo_id: str, results: list[Sync]) -> Push:
        snapshot = self._files.snapshot(repo_id)
        self._store.teams.rename(repo_id, snapshot.repo_id)
        there = config_paths(snapshot)
        forgotten = self._forgotten(there)
        wanted = {path for path in there if path not in forgotten} if self._paths is None else {*self._paths} & {*there}
        before = self._keep()
        missing = {*(self._paths or ())} - {*there}
        result = Sync(Push(snapshot.repo_id), forgotten=sorted(forgotten.values()) if self._paths is None else [])
        result.missing = missing
        results.append(result)
        self._take(snapshot, before, wanted)
        result.pull = self._pulled
        seen = self._store.teams.seen(snapshot.repo_id)
        gone = (before.model_ids.keys() - snapshot.files.keys()) & (seen.keys() | before.came_from(snapshot.repo_id))
        result.deleted = sorted(before.model_ids[path] for path in gone) if self._paths is None else []
        after = self._keep()
        local = after.versions([path for path in self._pulled.taken if path in after.model_ids])
        plan = plan_on(self._files, snapshot, local, only_newer=True)
        is_put = self._put(snapshot, plan)
        self._remember(snapshot, plan, after, is_put=is_put)
        result.push = plan.push if is_put else Push(snapshot.repo_id)
        return result.push

    def _forgotten(self, paths: list[str]) -> dict[str, str]:
        forgotten: dict[str, str] = {}
        for model_id in self._store.teams.forgotten():
            with suppress(ModelIdError):
                forgotten[path_of(model_id)] = model_id
        return {path: forgotten[path] for path in paths if path in forgotten}

    def _take(self, snapshot: DatasetSnapshot, kept: KeptConfigs, wanted: Collection[str]) -> None:
        """Take over; what an attempt before took over already stays told."""
        now = pull(self._files, snapshot, kept, self._store, self._import, wanted=wanted)
        told = self._pulled
        known = {*told.added, *told.updated}
        self._pulled = Pull(
            added=told.added + [model_id for model_id in now.added if model_id not in known],
            updated=told.updated + [model_id for model_id in now.updated if model_id not in known],
            kept=[model_id for model_id in now.kept if model_id not in known],
            rejected=now.rejected,
            changes=[*told.changes, *(change for change in now.changes if change not in told.changes)],
            taken=now.taken,
            notices=now.notices,
        )

    def _put(self, snapshot: DatasetSnapshot, plan: Plan) -> bool:
        """Put there what only is here; that it can't be done is no failure, since the rest is done."""
        if not plan.contents:
            return True
        repo_id, newer = snapshot.repo_id, plan.push.shared
        try:
            check_room(snapshot, plan.contents)
            commit(self._files, snapshot, plan)
        except (TeamConflictError, TeamStoppedError):
            raise
        except TeamAccessError:
            call = f"share({repo_id!r}, model_ids={newer!r}, as_pull_request=True)"
            why = f"and you may not write there. Open a pull request: {call}."
        except HubError as error:
            why = f"and couldn't be put there. {error}"
        else:
            return True
        self._pulled.notices.append(f"Edits here of {models_text(newer)} aren't there yet, {why}")
        return False

    def _remember(self, snapshot: DatasetSnapshot, plan: Plan, kept: KeptConfigs, *, is_put: bool) -> None:
        changed: dict[str, SeenFile | None] = {}
        for path in self._pulled.taken:
            if path not in kept.model_ids:
                continue
            is_written = path in plan.contents
            is_complete = path in plan.complete and (is_put or not is_written)
            blob = blob_id(plan.contents[path]) if is_written and is_put else snapshot.files[path].blob_id
            # what is only here, and can't be put there, is looked at again each time
            changed[path] = SeenFile(blob, kept.digests[path] if is_complete else "", is_taken=True)
        self._store.teams.put_seen(snapshot.repo_id, changed)
