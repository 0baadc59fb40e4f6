"""The files in which a team's repository keeps configs: their names, their limits, and what they hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from budsim_widgets.errors import ModelIdError, StoreError
from budsim_widgets.hub import check_model_id
from budsim_widgets.printable import printable
from budsim_widgets.store import RejectedConfig
from budsim_widgets.store.exchange.shared_file import read_shared

if TYPE_CHECKING:
    from collections.abc import Collection

    from budsim_widgets.hub.datasets.client import DatasetClient
    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.progress import Progress
    from budsim_widgets.store.records.values import Versions

FOLDER: Final = "configs"
MAX_FILES: Final = 2_000
MAX_FILE_BYTES: Final = 6 * 1024 * 1024
"""Room for 21 versions of the largest config that intake takes (256 KiB)."""
MAX_TOTAL_BYTES: Final = 48 * 1024 * 1024

_MAX_SHOWN: Final = 120
_OURS: Final = re.compile(rf"{FOLDER}/[a-z0-9_][a-z0-9._-]*\.json")

Found: TypeAlias = "dict[str, Versions | RejectedConfig]"
"""What files hold, by their path: configs, or why they don't count."""


def path_of(model_id: str) -> str:
    """The file that keeps the configs of a model, the same for every spelling in upper or lower case.

    Raises:
        ModelIdError: No model on the Hub can have this id.

    Example:
        >>> path_of("meta-llama/Llama-3.1-8B")
        'configs/meta-llama--llama-3.1-8b.json'
    """
    check_model_id(model_id)
    return f"{FOLDER}/{model_id.lower().replace('/', '--')}.json"


class TeamFiles:
    """The files in which a team keeps configs, the content of each read once.

    Args:
        client: What reads and writes them.
        progress: Is told how many were read, and tells whether to stop.
    """

    def __init__(self, client: DatasetClient, progress: Progress | None = None) -> None:
        self.client = client
        self._progress = progress
        self._contents: dict[str, bytes] = {}

    def snapshot(self, repo_id: str) -> DatasetSnapshot:
        """The repository as it is now; errors as of `DatasetClient.snapshot`."""
        return self.client.snapshot(repo_id)

    def check_stopped(self) -> None:
        """The last moment to stop before something is changed.

        Raises:
            TeamStoppedError: The person has stopped it.
        """
        if self._progress is not None:
            self._progress.check()

    def versions(self, snapshot: DatasetSnapshot, paths: Collection[str]) -> Found:
        """What these files hold, those left out that don't hold what their name says; see `DatasetClient.read`."""
        # A name that `path_of` never gives isn't even asked for: it could lead elsewhere.
        small = [p for p in paths if _OURS.fullmatch(p) and snapshot.files[p].size_bytes <= MAX_FILE_BYTES]
        self._read(snapshot, [path for path in small if snapshot.files[path].blob_id not in self._contents])
        contents = {path: self._contents[snapshot.files[path].blob_id] for path in small}
        return {path: _versions(path, contents.get(path)) for path in paths}

    def _read(self, snapshot: DatasetSnapshot, paths: list[str]) -> None:
        if self._progress is not None:
            self._progress.begin(len(paths))
        on_read = self._progress.count if self._progress is not None else None
        contents = self.client.read(snapshot, paths, max_bytes=MAX_FILE_BYTES, on_read=on_read)
        self._contents.update((snapshot.files[path].blob_id, content) for path, content in contents.items())


def config_paths(snapshot: DatasetSnapshot) -> list[str]:
    """The files of a repository that may hold a model's configs; everything else in it is nobody's business here."""
    return sorted(filter(is_config_path, snapshot.files))


def is_config_path(path: str) -> bool:
    """Whether a file may hold a model's configs."""
    return path.startswith(f"{FOLDER}/") and path.endswith(".json")


def _versions(path: str, content: bytes | None) -> Versions | RejectedConfig:
    if not _OURS.fullmatch(path):
        return RejectedConfig(shown(path), "Its name isn't that of a shared config.")
    if content is None or len(content) > MAX_FILE_BYTES:
        return RejectedConfig(path, f"It is larger than {MAX_FILE_BYTES >> 20} MiB.")
    try:
        versions = read_shared(content, name=path)
        expected = path_of(versions[0].model_id)
    except (StoreError, ModelIdError) as error:
        return RejectedConfig(path, error.message)
    if expected != path:
        return RejectedConfig(path, f"It holds the config of {versions[0].model_id}, which belongs into {expected}.")
    return versions


def shown(text: str) -> str:
    """A name from elsewhere as a message repeats it."""
    line = printable(text)
    return line if len(line) <= _MAX_SHOWN else f"{line[: _MAX_SHOWN - 1]}…"
