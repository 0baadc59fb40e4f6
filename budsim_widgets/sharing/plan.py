"""What a commit on one state of a team's repository would change: our configs, merged with those that are there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from budsim_widgets.sharing import files as team_files
from budsim_widgets.sharing.changes import change_there, compare
from budsim_widgets.sharing.local_configs import fault_of
from budsim_widgets.store import RejectedConfig
from budsim_widgets.store.exchange.shared_file import placed, shared_bytes, united
from budsim_widgets.store.records.lineage import MAX_EARLIER_VERSIONS, content_id, depth_of, edits_of

if TYPE_CHECKING:
    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.changes import ConfigChange
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import LocalConfigs
    from budsim_widgets.store.records.values import StoredConfig, Versions

_MAX_NAMED: Final = 3


@dataclass
class Push:
    """What became of the configs that were to be shared, by model id.

    Attributes:
        repo_id: The repository, as the Hub writes its id.
        shared: Put into the repository, or offered.
        unchanged: The repository has them already.
        waiting: A pull request offers them already.
        deleted: They were deleted there, and aren't put back unasked.
        rejected: Left out, with the reason.
        changes: Edits of others that stand beside them.
        url: The page of the commit or of the pull request.
    """

    repo_id: str
    shared: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    rejected: list[RejectedConfig] = field(default_factory=list)
    changes: list[ConfigChange] = field(default_factory=list)
    url: str | None = None


@dataclass
class Plan:
    """What a commit on one snapshot would change.

    Attributes:
        push: What would become of each config.
        contents: The files to write.
        complete: The files that hold, after that, all of the config here; whether the config here holds all of them.
    """

    push: Push
    contents: dict[str, bytes] = field(default_factory=dict)
    complete: dict[str, bool] = field(default_factory=dict)

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
        only_newer: Leave out what the repository has no file of, and what brings no edit that still stands.

    Raises:
        HubError: It can't be read; each reason has a class of its own.
    """
    plan = Plan(Push(snapshot.repo_id))
    theirs = files.versions(snapshot, {path for path in local if path in snapshot.files})
    for path, versions in local.items():
        found = theirs.get(path)
        if isinstance(found, RejectedConfig):
            plan.push.rejected.append(_left_alone(found, path, versions))
        elif found is not None:
            _plan_merge(plan, path, versions, found, only_newer=only_newer)
        elif not only_newer:
            _plan_write(plan, path, versions, placed(versions))
    return plan


def _plan_merge(plan: Plan, path: str, local: Versions, theirs: Versions, *, only_newer: bool) -> None:
    fault = fault_of(theirs[0].config)
    if fault is not None:
        plan.push.rejected.append(_left_alone(RejectedConfig(path, fault), path, local))
        return
    now = datetime.now(timezone.utc)
    there = placed(united(theirs, now=now))
    local = _named_as_there(local, there)
    together = placed(united(there, local, now=now))
    if content_id(local[0].config) not in edits_of(together):
        reason = (
            f"It is older than the {MAX_EARLIER_VERSIONS + 1} edits that the repository keeps of a model. "
            "To share it all the same, sync and restore it."
        )
        plan.push.rejected.append(RejectedConfig(local[0].model_id, reason))
        return
    change = change_there(local, there)
    if change is not None:
        plan.push.changes.append(change)
    if _brings_nothing(local, there, together, only_newer=only_newer):
        plan.push.unchanged.append(local[0].model_id)
        plan.complete[path] = _is_known(local, there)
    else:
        _plan_write(plan, path, local, together)


def _named_as_there(local: Versions, there: Versions) -> Versions:
    """Whoever the repository names made it: another account of the same person, or somebody with the same config."""
    known = edits_of(there)
    authors = {key: edit.author for key, edit in known.items() if edit.author is not None}
    return tuple(replace(one, author=authors.get(content_id(one.config), one.author)) for one in local)


def _brings_nothing(local: Versions, there: Versions, together: Versions, *, only_newer: bool) -> bool:
    before, after = edits_of(there), edits_of(together)
    if any(_told(before[key]) != _told(after[key]) for key in before.keys() & after.keys()):
        return False
    return not compare(local, there).unshared if only_newer else before.keys() == after.keys()


def _told(edit: StoredConfig) -> tuple[object, ...]:
    return depth_of(edit), edit.made_from, edit.author, edit.place


def _plan_write(plan: Plan, path: str, local: Versions, together: Versions) -> None:
    content = shared_bytes([together])
    if len(content) > team_files.MAX_FILE_BYTES:
        reason = f"With its earlier versions it is larger than {team_files.MAX_FILE_BYTES >> 20} MiB."
        plan.push.rejected.append(RejectedConfig(local[0].model_id, reason))
        return
    plan.contents[path] = content
    plan.complete[path] = _is_known(local, together)
    plan.push.shared.append(local[0].model_id)


def _is_known(local: Versions, there: Versions) -> bool:
    mine = edits_of(local)
    return all(key in mine and _is_as(mine[key], edit) for key, edit in edits_of(there).items())


def _is_as(mine: StoredConfig, theirs: StoredConfig) -> bool:
    # The place that an edit has just got there is told by a later sync: in the same order it stands here already.
    has_place = mine.place in (None, theirs.place)
    return has_place and (depth_of(mine), mine.author) == (depth_of(theirs), theirs.author)


def _left_alone(found: RejectedConfig, path: str, local: Versions) -> RejectedConfig:
    # It may be a newer version's, or all that is left of somebody's: a person should look before it is replaced.
    reason = f"The repository's {path} can't be used: {found.reason} It was left as it is: fix or delete it there."
    return RejectedConfig(local[0].model_id, reason)
