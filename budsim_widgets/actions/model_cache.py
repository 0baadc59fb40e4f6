"""Models whose config has been found and built, so that the next workload builds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures import Architecture, build
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.resolver import Model, ResolvedConfig, Resolver

_KEPT = 256


@dataclass(frozen=True)
class DescribedModel:
    """A config, where it came from, and what it builds."""

    resolved: ResolvedConfig
    architecture: Architecture

    @property
    def name(self) -> str:
        """What to call the model: its id, else its class."""
        return self.resolved.model_id or self.architecture.architecture or self.architecture.model_type


class DescribedModels:
    """Finds and builds models; keeps the last ones.

    A kept one is found by the config itself, written out, so that a config that has changed is never mistaken for the
    one before.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._given: dict[str, DescribedModel] = {}
        self._architectures: dict[str, Architecture] = {}

    def get(self, model: Model) -> DescribedModel:
        """The model; errors as of `Resolver.resolve`, and `ConfigError` where its config can't be built."""
        if not isinstance(model, dict):
            return self._described(self._resolver.resolve(model))
        key = repr(model)
        found = self._given.get(key)
        return found or _keep(self._given, key, self._described(self._resolver.resolve(model)))

    def _described(self, resolved: ResolvedConfig) -> DescribedModel:
        key = repr(resolved.config)
        found = self._architectures.get(key)
        return DescribedModel(resolved, found or _keep(self._architectures, key, _build(resolved)))


def _build(resolved: ResolvedConfig) -> Architecture:
    try:
        return build(resolved.config)
    except ConfigError as error:
        error.model_id = resolved.model_id
        raise


def _keep(kept: dict[str, Any], key: str, value: Any) -> Any:
    if len(kept) >= _KEPT:
        kept.clear()
    kept[key] = value
    return value
