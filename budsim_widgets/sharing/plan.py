"""What a commit on one state of a team's repository would change: our configs, merged with those that are there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from budsim_widgets.hub.datasets.responses import blob_id
from budsim_widgets.sharing.files import MAX_FILE_BYTES
from budsim_widgets.sharing.local_configs import fault_of
from budsim_widgets.store import RejectedConfig
from budsim_widgets.store.exchange.shared_file import is_same, shared_bytes, united

if TYPE_CHECKING:
    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import LocalConfigs
    from budsim_widgets.store.records.values import Versions

_MAX_NAMED: Final = 3


@dataclass
class Push:
    """What became of the configs that were to be shared, by model id.

    Attributes:
        repo_id: The repository, as the Hub writes its id.
        shared: Put into the repository, or offered.
        unchanged: The repository has them already.
        waiting: A pull request offers them already.
        rejected: Left out, with the reason.
        url: The page of the commit or of the pull request.
    """

    repo_id: str
    shared: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    rejected: list[RejectedConfig] = field(default_factory=list)
    url: str | None = None


@dataclass
class Plan:
    """What a commit on one snapshot would change."""

    push: Push
    contents: dict[str, bytes] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What such a commit is called."""
        model_ids = self.push.shared
        if len(model_ids) > _MAX_NAMED:
            return f"Share the configs of {len(model_ids)} models"
        return f"Share the config{'s' if len(model_ids) > 1 else ''} of {', '.join(model_ids)}"


def plan_on(files: TeamFiles, snapshot: DatasetSnapshot, local: LocalConfigs, *, only_newer: bool = False) -> Plan:
    """What a commit on this snapshot would change; nothing where all is there already.

    Args:
        files: The repository's files.
        snapshot: One state of the repository.
        local: The configs to put there.
        only_newer: Leave out what the repository has no file of, and what is newer there.

    Raises:
        HubError: It can't be read; each reason has a class of its own.
    """
    plan = Plan(Push(snapshot.repo_id))
    known = {path for path in local if path in snapshot.files}
    same = {path for path in known if snapshot.files[path].blob_id == blob_id(shared_bytes([local[path]]))}
    theirs = files.versions(snapshot, known - same)
    for path, versions in local.items():
        found = theirs.get(path)
        if path in same:
            plan.push.unchanged.append(versions[0].model_id)
        elif isinstance(found, RejectedConfig):
            plan.push.rejected.append(_left_alone(found, path, versions))
        elif found is not None:
            _plan_merge(plan, path, versions, found, only_newer=only_newer)
        elif not only_newer:
            _plan_write(plan, path, versions)
    return plan


def _plan_merge(plan: Plan, path: str, local: Versions, theirs: Versions, *, only_newer: bool) -> None:
    fault = fault_of(theirs[0].config)
    if fault is not None:
        plan.push.rejected.append(_left_alone(RejectedConfig(path, fault), path, local))
        return
    together = united(theirs, local, now=datetime.now(timezone.utc))
    if is_same(together, theirs) or (only_newer and is_same(together[:1], theirs[:1])):
        plan.push.unchanged.append(local[0].model_id)
    else:
        _plan_write(plan, path, together)


def _plan_write(plan: Plan, path: str, versions: Versions) -> None:
    content = shared_bytes([versions])
    if len(content) > MAX_FILE_BYTES:
        reason = f"With its earlier versions it is larger than {MAX_FILE_BYTES >> 20} MiB."
        plan.push.rejected.append(RejectedConfig(versions[0].model_id, reason))
        return
    plan.contents[path] = content
    plan.push.shared.append(versions[0].model_id)


def _left_alone(found: RejectedConfig, path: str, local: Versions) -> RejectedConfig:
    # It may be a newer version's, or all that is left of somebody's: a person should look before it is replaced.
    reason = f"The repository's {path} can't be used: {found.reason} It was left as it is: fix or delete it there."
    return RejectedConfig(local[0].model_id, reason)
