"""Configs out of a team's repository: their files deleted, all in one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import TeamAccessError
from budsim_widgets.sharing.files import path_of
from budsim_widgets.sharing.plan import Push
from budsim_widgets.sharing.push import until_nobody_is_faster
from budsim_widgets.sharing.summaries import UnshareSummary, models_text
from budsim_widgets.store.team_records import SeenFile

if TYPE_CHECKING:
    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.store.team_records import TeamRecords


def unshare(files: TeamFiles, repo_id: str, model_ids: list[str], records: TeamRecords) -> UnshareSummary:
    """Delete the configs of these models in a repository.

    Raises:
        HubError: It can't be read or written; each reason has a class of its own.
    """
    paths = {path_of(model_id): model_id for model_id in model_ids}

    def attempt() -> Push:
        snapshot = files.snapshot(repo_id)
        records.rename(repo_id, snapshot.repo_id)
        there = [path for path in paths if path in snapshot.files]
        push = Push(snapshot.repo_id, shared=[paths[path] for path in there])
        if there:
            # Before the commit: whoever is cut off from its response knows all the same that it may be gone.
            records.put_seen(
                snapshot.repo_id, {path: SeenFile(snapshot.files[path].blob_id, "", is_taken=False) for path in there}
            )
            summary = f"Delete the config{'s' if len(there) > 1 else ''} of {models_text(push.shared)}"
            push.url = _delete(files, snapshot, there, summary)
        return push

    done = until_nobody_is_faster(attempt)
    missing = tuple(model_id for model_id in model_ids if model_id not in done.shared)
    return UnshareSummary(repo_id=done.repo_id, removed=tuple(done.shared), missing=missing, url=done.url)


def _delete(files: TeamFiles, snapshot: DatasetSnapshot, paths: list[str], summary: str) -> str:
    try:
        return files.client.commit(snapshot, dict.fromkeys(paths), summary=summary).url
    except TeamAccessError as error:
        error.next_step = f"Ask the owner of {snapshot.repo_id} for the write role, or to delete them."
        raise
