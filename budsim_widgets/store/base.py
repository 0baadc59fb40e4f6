"""What all parts of a ConfigStore have in common: its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import ModelIdError
from budsim_widgets.store.file import schema
from budsim_widgets.store.file.location import resolve_path
from budsim_widgets.store.file.schema import CONFIGS_TABLE
from budsim_widgets.store.file.store_file import StoreFile
from budsim_widgets.store.records.records import versions_of

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from budsim_widgets.store.file.session import Session
    from budsim_widgets.store.records.values import Versions


class OpenStore:
    """A store of configs in one file. Nothing is read or written before the first question."""

    def __init__(self, path: str | os.PathLike[str] | None = None, *, lock_timeout_seconds: float = 10.0) -> None:
        self._schema = schema.CURRENT
        self._file = StoreFile(
            resolve_path(path), lock_timeout_seconds=lock_timeout_seconds, layout_schema=self._schema
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def reads(self) -> int:
        """How often the file was read so far: a question about an unchanged file reads nothing."""
        return self._file.reads

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know about the store, such as that a damaged file was set aside."""
        return self._file.notices


def named(model_id: str) -> str:
    """The id without blanks around it.

    Raises:
        ModelIdError: Nothing is left.
    """
    name = model_id.strip()
    if not name:
        raise ModelIdError("A config is kept under the id of its model.", next_step="Name the model.")
    return name


def kept_versions(session: Session, model_id: str) -> Versions | None:
    """All that is kept for a model, or None."""
    record = session.get(CONFIGS_TABLE, model_id)
    return None if record is None else versions_of(record)
