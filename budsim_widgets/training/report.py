"""What a step of training takes: the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.memory.shown import ShownReport
from budsim_widgets.printable import printable
from budsim_widgets.training.report_parts import TrainingDevice, TrainingFit, TrainingMoment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from budsim_widgets.fitting.options import Option
    from budsim_widgets.fitting.placement import Verdict
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.training.settings import TrainingSettings


@dataclass(frozen=True, kw_only=True, repr=False)
class TrainingReport(ShownReport):
    """What fine-tuning a model takes on each device, in bytes, from the second step on.

    Each part is given at its largest; they don't all stand at once. `moments` say what stands when, and `total_bytes`
    is the moment that holds most.

    Attributes:
        model_id: The Hub id, or None.
        num_parameters: Parameters of the model.
        num_trainable_parameters: Parameters that are trained.
        weight_bytes: Weights and adapters.
        gradient_bytes: Gradients, in all their formats.
        optimizer_bytes: States of the optimizer, and its copy of the weights.
        activation_bytes: What the layers keep for the backward pass.
        loss_bytes: Logits and loss at their peak.
        overhead_bytes: The process itself, and what the allocator holds beside tensors.
        host_bytes: What lies in the computer's own memory, for each device.
        total_bytes_range: The total with the low and the high end of its estimates.
        basis_of: `exact` or `estimate` for `parameters`, `trainable_parameters`, `weights`, `gradients`, `optimizer`,
            `activations`, `loss` and `overhead`.
        moments: What stands after loading, and at the peaks of the forward pass, the loss, the backward pass and the
            optimizer's step.
        num_devices: Devices, each of which holds as much.
        workload: How it is trained.
        config_source: Where the config comes from.
        notes: What a person should know about the numbers.
        fit: How it sits on the accelerator that was named; None: none was.
        look_for_options: Gives the changes that free most or make it fit, when they are first read.
    """

    rendering: ClassVar[str] = "budsim_widgets.training.rendering"

    model_id: str | None
    num_parameters: int
    num_trainable_parameters: int
    weight_bytes: int
    gradient_bytes: int
    optimizer_bytes: int
    activation_bytes: int
    loss_bytes: int
    overhead_bytes: int
    host_bytes: int
    total_bytes_range: tuple[int, int]
    basis_of: Mapping[str, Basis]
    moments: tuple[TrainingMoment, ...]
    num_devices: int
    workload: TrainingSettings
    config_source: str
    notes: tuple[str, ...]
    fit: TrainingFit | None = None
    look_for_options: Callable[[TrainingReport], tuple[Option, ...]] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        # A note repeats what a config says, such as the name of a quantization.
        object.__setattr__(self, "notes", tuple(map(printable, self.notes)))

    @property
    def method(self) -> str:
        """`full`, `lora` or `qlora`."""
        return self.workload.method

    @property
    def basis(self) -> Basis:
        """`exact` where the parameters and states are; activations, loss and overhead are estimates always."""
        exact = ("parameters", "trainable_parameters", "weights", "gradients", "optimizer")
        return "exact" if all(self.basis_of[part] == "exact" for part in exact) else "estimate"

    @property
    def peak(self) -> TrainingMoment:
        """The moment that holds most."""
        return max(self.moments, key=lambda moment: moment.total_bytes)

    @property
    def total_bytes(self) -> int:
        """What the fullest device holds at the peak."""
        return self.peak.total_bytes

    @property
    def per_device(self) -> tuple[TrainingDevice, ...]:
        """What each device holds at the peak; they hold the same."""
        return tuple(TrainingDevice(index, self.peak) for index in range(self.num_devices))

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """Changes that make it fit or free most, the best first; each is measured."""
        return self.look_for_options(self) if self.look_for_options else ()

    @cached_property
    def recommendations(self) -> tuple[str, ...]:
        """What to do, in sentences."""
        # Read later than computed; and sentences are about reports, not reports about sentences.
        return tuple(import_module("budsim_widgets.training.sentences").recommendations(self))

    @property
    def accelerator(self) -> Accelerator | None:
        """The device that was named."""
        return self.fit.accelerator if self.fit else None

    @property
    def verdict(self) -> Verdict | None:
        """Whether it fits there: `fits`, `tight` or `does_not_fit`."""
        return self.fit.verdict if self.fit else None

    @property
    def free_bytes(self) -> int | None:
        """What stays free there on the fullest device; negative: what it lacks."""
        return self.fit.free_bytes if self.fit else None

    @property
    def max_seq_length(self) -> int | None:
        """The longest sequence that fits there for this batch."""
        return self.fit.max_seq_length if self.fit else None

    @property
    def max_batch_size(self) -> int | None:
        """The largest batch that fits there for this length."""
        return self.fit.max_batch_size if self.fit else None

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "model_id": self.model_id,
            "method": self.method,
            "basis": self.basis,
            "basis_of": dict(self.basis_of),
            "num_parameters": self.num_parameters,
            "num_trainable_parameters": self.num_trainable_parameters,
            "weight_bytes": self.weight_bytes,
            "gradient_bytes": self.gradient_bytes,
            "optimizer_bytes": self.optimizer_bytes,
            "activation_bytes": self.activation_bytes,
            "loss_bytes": self.loss_bytes,
            "overhead_bytes": self.overhead_bytes,
            "host_bytes": self.host_bytes,
            "total_bytes": self.total_bytes,
            "total_bytes_range": list(self.total_bytes_range),
            "peak": self.peak.name,
            "moments": [moment.to_dict() for moment in self.moments],
            "per_device": [device.to_dict() for device in self.per_device],
            "num_devices": self.num_devices,
            "workload": self.workload.to_dict(),
            "config_source": self.config_source,
            "notes": list(self.notes),
            "fit": self.fit.to_dict() if self.fit else None,
            "options": [option.to_dict() for option in self.options],
            "recommendations": list(self.recommendations),
        }

    def to_frame(self) -> pd.DataFrame:
        """The moments as a data frame, indexed by their names.

        Raises:
            ModuleNotFoundError: pandas isn't installed.
        """
        frame: pd.DataFrame = self._rendering().frame(self)
        return frame
