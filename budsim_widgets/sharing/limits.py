"""What a team's repository may hold, checked before it is written, and what is read of one that holds more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budsim_widgets.errors import TeamStoreError
from budsim_widgets.sharing import files as team_files

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from budsim_widgets.hub.datasets.responses import DatasetSnapshot


@dataclass(frozen=True)
class ReadablePaths:
    """The files of a repository that are read.

    Attributes:
        paths: The first ones by name, as many as a team's repository may hold.
        notice: What a person should know where there are more; else empty.
    """

    paths: tuple[str, ...]
    notice: str


def check_room(snapshot: DatasetSnapshot, contents: Mapping[str, bytes]) -> None:
    """Refuse what would make a repository larger than it may be.

    Raises:
        TeamStoreError: It would hold too many files, or too much in them.
    """
    sizes = {path: snapshot.files[path].size_bytes for path in team_files.config_paths(snapshot)}
    after = {**sizes, **{path: len(content) for path, content in contents.items()}}
    if len(after) > max(team_files.MAX_FILES, len(sizes)):
        raise _no_room(snapshot, f"{len(after):,} configs, and a team's repository may have {team_files.MAX_FILES:,}")
    total_bytes = sum(after.values())
    if total_bytes > max(team_files.MAX_TOTAL_BYTES, sum(sizes.values())):
        size = f"{total_bytes / 2**20:,.1f} MiB of configs"
        raise _no_room(snapshot, f"{size}, and a team's repository may have {team_files.MAX_TOTAL_BYTES >> 20} MiB")


def readable(snapshot: DatasetSnapshot, paths: Collection[str]) -> ReadablePaths:
    """Those of these files that are read: a repository that holds too much stays readable up to its limits."""
    taken: list[str] = []
    total_bytes = 0
    for path in sorted(paths):
        size_bytes = snapshot.files[path].size_bytes
        if len(taken) == team_files.MAX_FILES or total_bytes + size_bytes > team_files.MAX_TOTAL_BYTES:
            break
        if size_bytes <= team_files.MAX_FILE_BYTES:
            total_bytes += size_bytes
        taken.append(path)
    left = len(paths) - len(taken)
    if not left:
        return ReadablePaths(tuple(taken), "")
    notice = (
        f"{snapshot.repo_id} holds more than a team's repository may ({team_files.MAX_FILES:,} configs of "
        f"{team_files.MAX_TOTAL_BYTES >> 20} MiB together): {left:,} of its {len(paths):,} files were not read. "
        f"unshare({snapshot.repo_id!r}, model_ids) takes configs out of it."
    )
    return ReadablePaths(tuple(taken), notice)


def _no_room(snapshot: DatasetSnapshot, what: str) -> TeamStoreError:
    repo_id = snapshot.repo_id
    return TeamStoreError(
        f"With these configs {repo_id} would hold {what}. Nothing was shared.",
        next_step=f"Share fewer (model_ids=…), take out others with unshare({repo_id!r}, model_ids), or use a second "
        "dataset.",
        repo_id=repo_id,
    )
