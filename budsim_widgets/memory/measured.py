"""What a workload takes, as format and engine answer, before a report says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.memory.device_memory import DeviceMemory
from budsim_widgets.memory.weights import uncertainty_of, weights_of

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.uncertainty import Uncertainty
    from budsim_widgets.engines import CacheBytes, Estimate, Workload
    from budsim_widgets.engines.answers import Spread
    from budsim_widgets.memory.weights import Weights


class Measured(NamedTuple):
    """What format and engine answer about a model and a workload.

    Attributes:
        weights: The weights of the whole model.
        cache: The cache of the whole model.
        activations: What each device holds at its peak beside weights and cache.
        overhead: What the process on each device takes before it holds a tensor.
        placed: Where weights and cache lie.
        uncertainty: How far weights and cache may be off.
    """

    weights: Weights
    cache: CacheBytes
    activations: Estimate
    overhead: Estimate
    placed: Spread
    uncertainty: Uncertainty

    @property
    def divided_bytes(self) -> int:
        """Weights and cache on all devices together."""
        return sum(map(sum, self.placed.devices))

    @property
    def repeated_bytes(self) -> int:
        """Activations and overhead on each device."""
        return self.activations.num_bytes + self.overhead.num_bytes

    @property
    def total_bytes(self) -> int:
        """All of it, on all devices."""
        return self.divided_bytes + len(self.placed.devices) * self.repeated_bytes

    @property
    def total_bytes_range(self) -> tuple[int, int]:
        """The total with the low and with the high end of its estimates."""
        weights, count = sum([device[0] for device in self.placed.devices]), len(self.placed.devices)
        low, high = self.uncertainty.around_held(weights, self.divided_bytes - weights)
        activations, overhead = self.activations, self.overhead
        low += count * (activations.least_bytes + overhead.least_bytes)
        return low, high + count * (activations.most_bytes + overhead.most_bytes)

    @property
    def devices(self) -> tuple[DeviceMemory, ...]:
        """What each device holds."""
        beside = self.activations.num_bytes, self.overhead.num_bytes
        return tuple([DeviceMemory(index, *share, *beside) for index, share in enumerate(self.placed.devices)])

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about its parts."""
        _, cache, activations, overhead, placed, _ = self
        return (*self.weights.notes, *cache.notes, *activations.notes, *overhead.notes, *placed.notes)


def measured(architecture: Architecture, workload: Workload, model_id: str | None = None) -> Measured:
    """What a workload takes.

    Args:
        architecture: The model.
        workload: How it runs.
        model_id: What an error calls the model.

    Raises:
        WorkloadError: The model can't be spread over that many devices.
        ConfigError: The config holds what a format or an engine can't calculate with.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines import Workload
        >>> gpt2 = build({"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12})
        >>> measured(gpt2, Workload(precision="bf16")).weights.num_bytes
        248879616
    """
    with config_errors(model_id, config=architecture.config):
        engine = workload.engine
        weights = weights_of(architecture, workload.precision, engine)
        compute_dtype = weights.precision.dtype
        cache = engine.cache(architecture, workload, compute_dtype)
        return Measured(
            weights,
            cache,
            engine.activations(architecture, workload, compute_dtype),
            engine.overhead(workload),
            engine.spread(architecture, workload, weights.stored, cache),
            uncertainty_of(architecture, weights.precision),
        )
