"""Models whose config has been found and built, so that the next workload builds nothing."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.engines import engine_for
from budsim_widgets.intake.plain import written_out
from budsim_widgets.memory.checking import build_checked
from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Workload
    from budsim_widgets.resolver import Model, ResolvedConfig, Resolver

T = TypeVar("T")

MAX_ENTRIES: Final = 256
MAX_COST_BYTES: Final = 4 * 1024**2
"""Models that are kept, and the text of their configs together; what stands in memory is up to ten times that."""

_LAYER_COST_BYTES: Final = 40


@dataclass(frozen=True)
class DescribedModel:
    """A config, where it came from, and what it builds."""

    resolved: ResolvedConfig
    architecture: Architecture

    @property
    def name(self) -> str:
        """What to call the model: its id, else its class."""
        return self.resolved.model_id or self.architecture.architecture or self.architecture.model_type

    def runs(self, workload: Workload) -> Workload:
        """The workload as this model runs it: a GGUF file in llama.cpp, unless it is given another engine.

        Raises:
            WorkloadError: That engine has no such precision.
        """
        engine = engine_for(self.architecture, workload.engine)
        return workload if engine is workload.engine else workload.changed(engine=engine)


class DescribedModels:
    """Finds and builds models; keeps the last ones.

    A kept one is found by the config itself, written out, so that a config that has changed is never mistaken for the
    one before.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._given: _Kept[DescribedModel] = _Kept()
        self._architectures: _Kept[Architecture] = _Kept()

    def get(self, model: Model) -> DescribedModel:
        """The model; errors as of `Resolver.resolve`, and `ConfigError` where its config can't be built."""
        if not isinstance(model, dict):
            return self._described(self._resolver.resolve(model))
        key = written_out(model)
        found = self._given.get(key) if key else None
        if found is None:
            found = self._described(self._resolver.resolve(model))
            if key:
                self._given.keep(key, found, _cost_bytes(key, found.architecture))
        return found

    def named_config(self, model: Model) -> tuple[str, dict[str, Any]]:
        """(what to call it, its config), without building it; errors as of `Resolver.resolve`."""
        resolved = self._resolver.resolve(model)
        classes = resolved.config.get("architectures")
        own = classes[0] if isinstance(classes, list) and classes else resolved.config.get("model_type")
        return printable(str(resolved.model_id or own or "Model")), resolved.config

    def _described(self, resolved: ResolvedConfig) -> DescribedModel:
        key = repr((resolved.config, resolved.gguf_file and resolved.gguf_file.tensors))
        found = self._architectures.get(key)
        if found is None:
            with config_errors(resolved.model_id):
                found = build_checked(resolved.config)
            if resolved.gguf_file is not None:
                found = replace(found, gguf_file=resolved.gguf_file, computed={})
            self._architectures.keep(key, found, _cost_bytes(key, found))
        return DescribedModel(resolved, found)


class _Kept(Generic[T]):
    """The values used last, as many as their costs allow."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._cost_bytes = 0

    def get(self, key: str) -> T | None:
        found = self._values.get(key)
        return found[0] if found else None

    def keep(self, key: str, value: T, cost_bytes: int) -> None:
        _, replaced = self._values.pop(key, (None, 0))
        self._values[key] = value, cost_bytes
        self._cost_bytes += cost_bytes - replaced
        while self._cost_bytes > MAX_COST_BYTES or len(self._values) > MAX_ENTRIES:
            _, (_, freed) = self._values.popitem(last=False)
            self._cost_bytes -= freed


def _cost_bytes(config: str, architecture: Architecture) -> int:
    """About what a model holds: its config's text, and the index of each layer."""
    return len(config) + _LAYER_COST_BYTES * max((group.num_tensors for group in architecture.tensor_groups), default=0)
