"""Going on with a pull request that the person opened before: nobody gets two of them to merge for one change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from budsim_widgets.errors import TeamAccessError, TeamConflictError
from budsim_widgets.hub.datasets.responses import blob_id
from budsim_widgets.sharing.files import is_config_path
from budsim_widgets.sharing.plan import plan_on

if TYPE_CHECKING:
    from budsim_widgets.hub.datasets.pull_requests import TeamOffer
    from budsim_widgets.hub.datasets.responses import TeamSnapshot
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import Ours
    from budsim_widgets.sharing.plan import Plan, Push


def go_on(files: TeamFiles, base: TeamSnapshot, ours: Ours, plan: Plan) -> Push | None:
    """What an open pull request offers already, or has taken in now; None: another has to be opened.

    Args:
        files: The repository's files.
        base: The repository as it is.
        ours: The configs to offer.
        plan: What they would change there.

    Raises:
        HubError: It can't be read or written; each reason has a class of its own.
    """
    offers = files.client.offers(base)
    for offer in offers:
        if _holds(offer, plan):
            return _waiting(plan, offer, plan.push.shared)
    for offer in offers:
        if offer.is_on_top and _is_only_configs(offer, base):
            try:
                return _added(files, offer, ours, plan)
            except (TeamAccessError, TeamConflictError):  # closed or changed in this moment: then a new one
                continue
    return None


def _holds(offer: TeamOffer, plan: Plan) -> bool:
    """Whether it would leave the very files that we want."""
    there = offer.snapshot.files
    return all(path in there and there[path].blob_id == blob_id(wanted) for path, wanted in plan.contents.items())


def _is_only_configs(offer: TeamOffer, base: TeamSnapshot) -> bool:
    """Whether it adds and changes configs, and does nothing else: others are not to be mixed up with ours."""
    there = offer.snapshot.files
    changed = {path for path in base.files.keys() | there.keys() if base.files.get(path) != there.get(path)}
    return all(path in there and is_config_path(path) for path in changed)


def _added(files: TeamFiles, offer: TeamOffer, ours: Ours, plan: Plan) -> Push:
    more = plan_on(files, offer.snapshot, ours)
    if more.contents:
        files.client.commit(offer.snapshot, more.contents, summary=more.title)
    done = {*more.push.shared, *(entry.model_id for entry in more.push.rejected)}
    push = _waiting(plan, offer, [model_id for model_id in plan.push.shared if model_id not in done])
    return replace(push, shared=more.push.shared, rejected=more.push.rejected)


def _waiting(plan: Plan, offer: TeamOffer, model_ids: list[str]) -> Push:
    return replace(plan.push, shared=[], waiting=model_ids, url=offer.url)
