"""What a model takes: the answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import pandas as pd

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.architecture import AttentionType, Kind
    from budsim_widgets.engines.workload import Workload
    from budsim_widgets.formats.base import Basis


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """What one device of several holds, in bytes.

    Attributes:
        index: Its number, from 0; devices that share a layer stand together.
        weight_bytes: Weights.
        kv_cache_bytes: Keys and values.
        state_bytes: Recurrent and convolution states.
        activation_bytes: Intermediate results.
        overhead_bytes: The process itself.
    """

    index: int
    weight_bytes: int
    kv_cache_bytes: int
    state_bytes: int
    activation_bytes: int
    overhead_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weight_bytes + self.kv_cache_bytes + self.state_bytes + self.activation_bytes + self.overhead_bytes


class Line(NamedTuple):
    """One line of the report.

    Attributes:
        name: What it is.
        num_bytes: Bytes on all devices.
        basis: `exact` or `estimate`.
        detail: Its format, or where the figure comes from.
    """

    name: str
    num_bytes: int
    basis: Basis
    detail: str


@dataclass(frozen=True, kw_only=True, repr=False)
class MemoryReport:
    """What a model takes with a workload, in bytes on all devices together.

    Attributes:
        model_id: The Hub id, or None.
        model_type: The kind of model, such as `decoder-only`.
        attention_type: `mha`, `mqa`, `gqa`, `mla`, or None.
        basis: `exact` where parameters, weights and cache are; activations and overhead are estimates always.
        notes: What a person should know about the numbers.
        num_parameters: Parameters.
        num_active_parameters: Parameters that one token passes through.
        weight_bytes: Weights, with the scales of their format.
        kv_cache_bytes: Keys and values after `seq_length` tokens of every sequence.
        state_bytes: Recurrent and convolution states.
        activation_bytes: Intermediate results at their peak.
        overhead_bytes: The processes themselves.
        per_device: What each device holds; empty for one device.
        workload: What was asked for.
        config_source: Where the config comes from.
        lines: The parts with their basis.
        architecture: The model that was measured, so that the question can be asked again for another workload.
        advise: Gives the recommendations, when they are first read: they take longer than all the numbers.
    """

    model_id: str | None
    model_type: Kind
    attention_type: AttentionType | None
    basis: Basis
    notes: tuple[str, ...]
    num_parameters: int
    num_active_parameters: int
    weight_bytes: int
    kv_cache_bytes: int
    state_bytes: int
    activation_bytes: int
    overhead_bytes: int
    per_device: tuple[DeviceMemory, ...] = ()
    workload: Workload
    config_source: str
    lines: tuple[Line, ...]
    architecture: Architecture | None = field(default=None, compare=False)
    advise: Callable[[MemoryReport], tuple[str, ...]] | None = field(default=None, compare=False)

    @cached_property
    def recommendations(self) -> tuple[str, ...]:
        """What to do, in sentences."""
        return self.advise(self) if self.advise else ()

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weight_bytes + self.kv_cache_bytes + self.state_bytes + self.activation_bytes + self.overhead_bytes

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "model_id": self.model_id,
            "model_type": self.model_type,
            "attention_type": self.attention_type,
            "basis": self.basis,
            "notes": list(self.notes),
            "num_parameters": self.num_parameters,
            "num_active_parameters": self.num_active_parameters,
            "weight_bytes": self.weight_bytes,
            "kv_cache_bytes": self.kv_cache_bytes,
            "state_bytes": self.state_bytes,
            "activation_bytes": self.activation_bytes,
            "overhead_bytes": self.overhead_bytes,
            "total_bytes": self.total_bytes,
            "per_device": [{**asdict(device), "total_bytes": device.total_bytes} for device in self.per_device],
            "recommendations": list(self.recommendations),
            "workload": self.workload.to_dict(),
            "config_source": self.config_source,
        }

    def to_frame(self) -> pd.DataFrame:
        """The lines as a data frame, with the total as the last.

        Raises:
            ModuleNotFoundError: pandas isn't installed.
        """
        frame: pd.DataFrame = _rendering().frame(self)
        return frame

    def __repr__(self) -> str:
        return str(_rendering().text(self))

    def _repr_html_(self) -> str:
        return str(_rendering().html(self))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def _rendering() -> ModuleType:
    """How reports look: loaded with the first one that is shown, not with those that are computed."""
    from budsim_widgets.memory import rendering  # noqa: PLC0415 - as the docstring says

    return rendering
