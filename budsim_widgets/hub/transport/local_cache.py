"""The client's own cache of files on this machine: read, never written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from budsim_widgets.hub.ids.commits import as_commit
from budsim_widgets.hub.transport.endpoint import unreadable_environment_endpoint
from budsim_widgets.regular_files import read_regular

if TYPE_CHECKING:
    from budsim_widgets.hub.ids.model_ids import ModelRef


@dataclass(frozen=True)
class CachedFile:
    """A file that some earlier download left, and the commit that it belongs to, where its folder is named so."""

    content: bytes
    commit: str | None


def cached_config(ref: ModelRef, max_bytes: int) -> CachedFile | None:
    """The config.json that the client would find for this revision without asking anyone, or None."""
    if unreadable_environment_endpoint():
        return None
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - loaded when it is needed

    name = f"{ref.subfolder}/config.json" if ref.subfolder else "config.json"
    found = try_to_load_from_cache(ref.model_id, name, revision=ref.revision)
    if not isinstance(found, str):  # not there, or known not to exist
        return None
    path = Path(found)
    try:
        content = read_regular(path, limit_bytes=max_bytes + 1)  # the cache's files are links
    except OSError:  # a cache that can't be read is as good as none: the Hub's own error is shown instead
        return None
    return CachedFile(content, as_commit(path.parents[name.count("/")].name)) if len(content) <= max_bytes else None
