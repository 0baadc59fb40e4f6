"""A pull request that the person opened before is used again: nobody gets two of them to merge for one change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from budsim_widgets.errors import TeamAccessError, TeamConflictError
from budsim_widgets.hub.datasets.responses import blob_id
from budsim_widgets.sharing.files import is_config_path
from budsim_widgets.sharing.plan import plan_on

if TYPE_CHECKING:
    from budsim_widgets.hub.datasets.pull_requests import OpenPullRequest
    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import LocalConfigs
    from budsim_widgets.sharing.plan import Plan, Push


def reuse_open_pull_request(files: TeamFiles, base: DatasetSnapshot, local: LocalConfigs, plan: Plan) -> Push | None:
    """What an open pull request holds already, or has taken in now; None: another has to be opened.

    Args:
        files: The repository's files.
        base: The repository as it is.
        local: The configs to share.
        plan: What they would change there.

    Raises:
        HubError: It can't be read or written; each reason has a class of its own.
    """
    pull_requests = files.client.open_pull_requests(base)
    for pull_request in pull_requests:
        if _holds(pull_request, plan):
            return _waiting(plan, pull_request, plan.push.shared)
    for pull_request in pull_requests:
        if pull_request.is_up_to_date and _is_only_configs(pull_request, base):
            try:
                return _added(files, pull_request, local, plan)
            except (TeamAccessError, TeamConflictError):  # closed or changed in this moment: then a new one
                continue
    return None


def _holds(pull_request: OpenPullRequest, plan: Plan) -> bool:
    """Whether it would leave the very files that we want."""
    there = pull_request.snapshot.files
    return all(path in there and there[path].blob_id == blob_id(wanted) for path, wanted in plan.contents.items())


def _is_only_configs(pull_request: OpenPullRequest, base: DatasetSnapshot) -> bool:
    """Whether it adds and changes configs, and does nothing else: others are not to be mixed up with local."""
    there = pull_request.snapshot.files
    changed = {path for path in base.files.keys() | there.keys() if base.files.get(path) != there.get(path)}
    return all(path in there and is_config_path(path) for path in changed)


def _added(files: TeamFiles, pull_request: OpenPullRequest, local: LocalConfigs, plan: Plan) -> Push:
    more = plan_on(files, pull_request.snapshot, local)
    if more.contents:
        files.client.commit(pull_request.snapshot, more.contents, summary=more.title)
    done = {*more.push.shared, *(entry.model_id for entry in more.push.rejected)}
    push = _waiting(plan, pull_request, [model_id for model_id in plan.push.shared if model_id not in done])
    return replace(push, shared=more.push.shared, rejected=more.push.rejected)


def _waiting(plan: Plan, pull_request: OpenPullRequest, model_ids: list[str]) -> Push:
    return replace(plan.push, shared=[], waiting=model_ids, url=pull_request.url)
