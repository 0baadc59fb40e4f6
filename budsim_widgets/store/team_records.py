"""What a store remembers about teams: which configs were forgotten here, and what a repository held when last seen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from budsim_widgets.store.records import clock
from budsim_widgets.store.records.schema import CONFIGS_TABLE, FORGOTTEN_TABLE, TEAMS_TABLE
from budsim_widgets.store.records.texts import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from budsim_widgets.store.file.session import Session
    from budsim_widgets.store.file.store_file import StoreFile

_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file of a team's repository, and the config here, when both were last compared.

    Attributes:
        blob_id: Git's id of the file's content.
        digest: Of the config as it was kept here (`digests`); empty where it holds what the file doesn't.
        is_taken: Whether all of the file was taken over here.
    """

    blob_id: str
    digest: str
    is_taken: bool


SeenFiles: TypeAlias = "dict[str, SeenFile]"
"""By the path of the file."""


class TeamRecords:
    """What is remembered about teams; a part of `ConfigStore`.

    Args:
        file: The store's file.
    """

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def forgotten(self) -> tuple[str, ...]:
        """The ids of models whose config was forgotten here: no sync brings it back unasked."""
        return tuple(str(record.get("model_id")) for record in self._file.view().all(FORGOTTEN_TABLE))

    def digests(self) -> dict[str, str]:
        """For each kept model a text that changes with its record."""
        records = self._file.view().all(CONFIGS_TABLE)
        return {record["model_id"]: hashlib.sha256(to_json(record).encode()).hexdigest()[:32] for record in records}

    def seen(self, repo_id: str) -> SeenFiles:
        """The files of a repository that were shared or synced here."""
        record = self._file.view().get(TEAMS_TABLE, repo_id)
        files = record.get("files") if record else None
        if not isinstance(files, dict):
            return {}
        return {path: SeenFile(*parts) for path, parts in files.items() if _is_seen_file(parts)}

    def rename(self, former_id: str, repo_id: str) -> None:
        """What is remembered of a repository goes with it under its new name."""
        if former_id.casefold() != repo_id.casefold() and not self.seen(repo_id):
            former = self.seen(former_id)
            if former:
                self.put_seen(repo_id, former)

    def put_seen(self, repo_id: str, changed: Mapping[str, SeenFile | None]) -> None:
        """Remember these files, and no longer those that are None; nothing is written where nothing changes."""
        if all(self.seen(repo_id).get(path) == seen for path, seen in changed.items()):
            return

        def operation(session: Session) -> None:
            record = session.get(TEAMS_TABLE, repo_id) or {}
            before = record.get("files")
            files = dict(before) if isinstance(before, dict) else {}
            for path, seen in changed.items():
                files.pop(path, None)
                if seen is not None:
                    files[path] = [seen.blob_id, seen.digest, seen.is_taken]
            session.put(TEAMS_TABLE, {"model_id": repo_id, "files": files})

        self._file.change(operation)


def forget(session: Session, model_id: str) -> bool:
    """Remove the config of a model, and remember that; whether there was one."""
    if not session.delete(CONFIGS_TABLE, model_id):
        return False
    session.put(FORGOTTEN_TABLE, {"model_id": model_id.strip(), "forgotten_at": clock.utc_now().isoformat()})
    return True


def no_longer_forgotten(session: Session, model_ids: Iterable[str]) -> None:
    """A config is kept again for these models."""
    if not session.tables.get(FORGOTTEN_TABLE):
        return
    for model_id in model_ids:
        session.delete(FORGOTTEN_TABLE, model_id)


def _is_seen_file(parts: Any) -> bool:
    return isinstance(parts, list) and len(parts) == _PARTS and list(map(type, parts)) == [str, str, bool]
