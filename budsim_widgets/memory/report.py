"""What a model takes: the answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.architectures.kept_property import kept_property
from budsim_widgets.memory.lines import Line, lines_of
from budsim_widgets.memory.shown import ShownReport
from budsim_widgets.memory.weights import files_of
from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.architecture import AttentionType, Kind
    from budsim_widgets.engines import Workload
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.memory.device_memory import DeviceMemory
    from budsim_widgets.memory.files import FileBytes


@dataclass(frozen=True, kw_only=True, repr=False)
class MemoryReport(ShownReport):
    """What a model takes with a workload, in bytes on all devices together.

    Attributes:
        model_id: The Hub id, or None.
        model_type: The kind of model, such as `decoder-only`.
        attention_type: `mha`, `mqa`, `gqa`, `mla`, or None.
        notes: What a person should know about the numbers.
        num_parameters: Parameters.
        num_active_parameters: Parameters that one token passes through.
        per_device: What each device holds.
        host_bytes: What stays in the computer's own memory.
        projector_bytes: Of the weights, vision and audio that llama.cpp loads from a file of their own (mmproj).
        total_bytes_range: The total with the low and with the high end of its estimates.
        basis_in_memory: `exact` or `estimate` for each part of `basis_of` but the files.
        workload: What was asked for.
        config_source: Where the config comes from.
        details: What stands beside a part: its format, or where the figure comes from.
        architecture: The model that was measured, so that the question can be asked again for another workload.
    """

    rendering: ClassVar[str] = "budsim_widgets.memory.rendering"

    model_id: str | None
    model_type: Kind
    attention_type: AttentionType | None
    notes: tuple[str, ...]
    num_parameters: int
    num_active_parameters: int
    per_device: tuple[DeviceMemory, ...]
    host_bytes: int = 0
    projector_bytes: int = 0
    total_bytes_range: tuple[int, int]
    basis_in_memory: Mapping[str, Basis]
    workload: Workload
    config_source: str
    details: Mapping[str, str]
    architecture: Architecture = field(compare=False)

    def __post_init__(self) -> None:
        # A note repeats what a config or the Hub says, such as the name of a quantization.
        if not all(map(str.isprintable, self.notes)):
            object.__setattr__(self, "notes", tuple(map(printable, self.notes)))

    @property
    def basis(self) -> Basis:
        """`exact` where parameters, weights and cache are; activations and overhead are estimates always."""
        is_exact = all(self.basis_in_memory[part] == "exact" for part in ("parameters", "weights", "kv_cache"))
        return "exact" if is_exact else "estimate"

    @kept_property
    def basis_of(self) -> Mapping[str, Basis]:
        """`exact` or `estimate` for each part, as the description, the format and the engine claim.

        The parts are `parameters`, `weights`, `files`, `kv_cache`, `state`, `activations`, `overhead`, and `projector`
        where there is one.
        """
        is_exact = self.basis_in_memory["parameters"] == self._files.basis == "exact"
        return {**self.basis_in_memory, "files": "exact" if is_exact else "estimate"}

    @property
    def file_bytes(self) -> int:
        """Bytes of the weights in their files, as the model is released in this format."""
        return self._files.num_bytes

    @property
    def file_bytes_range(self) -> tuple[int, int]:
        """The fewest and the most that such files hold.

        With and without layers for multi-token prediction, masks and a library's own records.
        """
        return self._files.least_bytes, self._files.most_bytes

    @kept_property
    def _files(self) -> FileBytes:
        with config_errors(self.model_id, config=self.architecture.config):
            return files_of(self.architecture, self.workload.precision, self.workload.engine.as_loader)

    @kept_property
    def weight_bytes(self) -> int:
        """Weights in the memory of the devices, with the scales of their format."""
        return sum([device.weight_bytes for device in self.per_device])

    @kept_property
    def kv_cache_bytes(self) -> int:
        """Keys and values after `seq_length` tokens of every sequence."""
        return sum([device.kv_cache_bytes for device in self.per_device])

    @kept_property
    def state_bytes(self) -> int:
        """Recurrent and convolution states."""
        return sum([device.state_bytes for device in self.per_device])

    @kept_property
    def activation_bytes(self) -> int:
        """Intermediate results at their peak."""
        return sum([device.activation_bytes for device in self.per_device])

    @kept_property
    def overhead_bytes(self) -> int:
        """The processes themselves."""
        return sum([device.overhead_bytes for device in self.per_device])

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do, in sentences; none of a report that was only measured."""
        return ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The parts with their basis; recurrent states where there are any."""
        held = {
            "weights": self.weight_bytes - self.projector_bytes,
            "projector": self.projector_bytes,
            "kv_cache": self.kv_cache_bytes,
            "state": self.state_bytes,
            "activations": self.activation_bytes,
            "overhead": self.overhead_bytes,
        }
        return lines_of(held, self.basis_in_memory, self.details)

    @kept_property
    def total_bytes(self) -> int:
        """All of it, on all devices."""
        return sum([device.total_bytes for device in self.per_device])

    @property
    def peak_device(self) -> DeviceMemory:
        """The device that holds most."""
        return max(self.per_device, key=lambda device: device.total_bytes)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "model_id": self.model_id,
            "model_type": self.model_type,
            "attention_type": self.attention_type,
            "basis": self.basis,
            "basis_of": dict(self.basis_of),
            "notes": list(self.notes),
            "num_parameters": self.num_parameters,
            "num_active_parameters": self.num_active_parameters,
            "weight_bytes": self.weight_bytes,
            "kv_cache_bytes": self.kv_cache_bytes,
            "state_bytes": self.state_bytes,
            "activation_bytes": self.activation_bytes,
            "overhead_bytes": self.overhead_bytes,
            "total_bytes": self.total_bytes,
            "total_bytes_range": list(self.total_bytes_range),
            "host_bytes": self.host_bytes,
            "projector_bytes": self.projector_bytes,
            "file_bytes": self.file_bytes,
            "file_bytes_range": list(self.file_bytes_range),
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
        frame: pd.DataFrame = self._rendering().frame(self)
        return frame
