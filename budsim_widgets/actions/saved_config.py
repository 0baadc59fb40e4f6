"""One config that is kept, as people get to see it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures import build
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from datetime import datetime

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.architecture import Basis
    from budsim_widgets.store import StoredConfig


@dataclass(frozen=True, kw_only=True)
class SavedConfig:
    """A config that is kept for a model.

    Attributes:
        model_id: The model.
        config: The config; a dict of the caller's own, copied when it is first asked for.
        submitted_at: When a config was first kept for this model (UTC).
        updated_at: When this one was kept (UTC).
        version: 1 for the first config of a model, then counted up.
        source_format: What was pasted, such as `json`.
        contributor: From whom it came, such as `imported from team.json`; None if it was pasted here.
        copied_from: The model whose config it is, such as a public copy of a gated one; None if it was pasted.
        is_verified: Whether its number of parameters agrees with what the Hub publishes.
        published_parameters: What the Hub publishes, or None where it wasn't compared yet.
    """

    model_id: str
    _stored: dict[str, Any] = field(repr=False)
    submitted_at: datetime
    updated_at: datetime
    version: int
    source_format: str
    contributor: str | None
    copied_from: str | None
    is_verified: bool
    published_parameters: int | None

    @classmethod
    def of(cls, stored: StoredConfig) -> SavedConfig:
        """A config as the store hands it out."""
        return cls(
            model_id=stored.model_id,
            _stored=stored.config,
            submitted_at=stored.submitted_at,
            updated_at=stored.updated_at,
            version=stored.version,
            source_format=stored.source_format,
            contributor=stored.contributor,
            copied_from=stored.copied_from,
            is_verified=stored.is_verified,
            published_parameters=stored.published_parameters,
        )

    # Made when they are first asked for: of a list of a thousand configs, those that are looked at.
    @cached_property
    def config(self) -> dict[str, Any]:
        """The config; a dict of the caller's own."""
        return deepcopy(self._stored)

    @cached_property
    def architecture(self) -> Architecture | None:
        """What the config builds, or None where it can't be built."""
        try:
            return build(self._stored)
        except ConfigError:
            return None

    @property
    def num_parameters(self) -> int | None:
        """Parameters that the config describes, or None where it can't be built."""
        return self.architecture.num_parameters if self.architecture else None

    @property
    def basis(self) -> Basis | None:
        """`exact` or `estimate`, or None where it can't be built."""
        return self.architecture.basis if self.architecture else None
