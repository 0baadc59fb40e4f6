"""The parts of a training report: moments of a step, devices, and what fits."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from budsim_widgets.fitting.placement import Verdict
    from budsim_widgets.hardware import Accelerator


@dataclass(frozen=True, slots=True)
class TrainingMoment:
    """What a device holds at one moment of a step, in bytes.

    Attributes:
        name: `load`, `forward`, `loss`, `backward`, `step`; with `grpo` also `generate`.
        weight_bytes: Weights and adapters, and layers gathered from other devices.
        gradient_bytes: Gradients.
        optimizer_bytes: States of the optimizer, its copy of the weights, and what it makes while it steps.
        activation_bytes: What layers keep for the backward pass, and gradients on their way; caches of `generate`.
        loss_bytes: Logits and loss.
        overhead_bytes: The process itself, and what the allocator holds beside tensors.
    """

    name: str
    weight_bytes: int
    gradient_bytes: int
    optimizer_bytes: int
    activation_bytes: int
    loss_bytes: int
    overhead_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        parts = (self.weight_bytes, self.gradient_bytes, self.optimizer_bytes, self.activation_bytes)
        return sum(parts) + self.loss_bytes + self.overhead_bytes

    def to_dict(self) -> dict[str, Any]:
        """Its fields and its total, as JSON has them."""
        return {**asdict(self), "total_bytes": self.total_bytes}


@dataclass(frozen=True, slots=True)
class TrainingDevice:
    """What one device holds at the peak.

    Attributes:
        index: Its number, from 0.
        peak: The parts at the peak.
    """

    index: int
    peak: TrainingMoment

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.peak.total_bytes

    def to_dict(self) -> dict[str, Any]:
        """Its number and its parts, as JSON has them."""
        parts = self.peak.to_dict()
        return {"index": self.index, **{name: value for name, value in parts.items() if name != "name"}}


@dataclass(frozen=True, kw_only=True)
class TrainingFit:
    """How a step sits on an accelerator.

    Attributes:
        accelerator: The device.
        verdict: `fits`; `tight` where only part of the range fits; `does_not_fit`.
        capacity_bytes: What a process gets of each device.
        free_bytes: What stays free on the fullest device; negative: what it lacks.
        max_seq_length: The longest sequence for this batch; 0: not even one token fits.
        max_batch_size: The largest batch for this length; 0: not even one sequence fits.
    """

    accelerator: Accelerator
    verdict: Verdict
    capacity_bytes: int
    free_bytes: int
    max_seq_length: int
    max_batch_size: int

    def to_dict(self) -> dict[str, Any]:
        """Its fields, as JSON has them."""
        return {
            "accelerator": self.accelerator.to_dict(),
            "verdict": self.verdict,
            "capacity_bytes": self.capacity_bytes,
            "free_bytes": self.free_bytes,
            "max_seq_length": self.max_seq_length,
            "max_batch_size": self.max_batch_size,
        }
