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
    from budsim_widgets.memory.measured import Measured


@dataclass(frozen=True, kw_only=True, repr=False)
class MemoryReport(ShownReport):
    """What a model takes with a workload, in bytes on all devices together.

    What it says follows from what was measured, and is put into words where somebody reads it. Reports are equal where
    the same was asked and measured.

    Attributes:
        model_id: The Hub id, or None.
        workload: What was asked for.
        config_source: Where the config comes from.
        notices: What was noticed before; they stand before the notes.
        measured: What format and engine answered.
        architecture: The model that was measured, so that the question can be asked again for another workload.
    """

    rendering: ClassVar[str] = "budsim_widgets.memory.rendering"

    model_id: str | None
    workload: Workload
    config_source: str
    notices: tuple[str, ...] = ()
    measured: Measured
    architecture: Architecture = field(compare=False)

    @property
    def model_type(self) -> Kind:
        """The kind of model, such as `decoder-only`."""
        return self.architecture.kind

    @property
    def attention_type(self) -> AttentionType | None:
        """`mha`, `mqa`, `gqa`, `mla`, or None."""
        return self.architecture.attention_type

    @property
    def num_parameters(self) -> int:
        """Parameters."""
        return self.architecture.num_parameters

    @property
    def num_active_parameters(self) -> int:
        """Parameters that one token passes through."""
        return self.architecture.num_active_parameters

    @kept_property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the numbers, each once."""
        limit, asked = self.architecture.max_seq_length, self.workload.seq_length
        found = dict.fromkeys((*self.architecture.notes, *self.measured.notes))
        if limit is not None and asked > limit:
            found[f"The model was made for {limit:,} tokens; {asked:,} are asked for."] = None
        # A note repeats what a config or the Hub says, such as the name of a quantization.
        return tuple(map(printable, (*self.notices, *found)))

    @kept_property
    def per_device(self) -> tuple[DeviceMemory, ...]:
        """What each device holds."""
        return self.measured.devices

    @property
    def host_bytes(self) -> int:
        """What stays in the computer's own memory."""
        return self.measured.placed.host_bytes

    @property
    def projector_bytes(self) -> int:
        """Of the weights, vision and audio that llama.cpp loads from a file of their own (mmproj)."""
        projector = self.measured.placed.projector
        return projector.num_bytes if projector else 0

    @property
    def total_bytes_range(self) -> tuple[int, int]:
        """The total with the low and with the high end of its estimates."""
        return self.measured.total_bytes_range

    @kept_property
    def basis_in_memory(self) -> Mapping[str, Basis]:
        """`exact` or `estimate` for each part of `basis_of` but the files.

        The description claims the parameters, the format the weights, the engine the cache.
        """
        parameters, (weights, cache, _, _, placed, _) = self.architecture.basis, self.measured
        is_placed = parameters == placed.basis == "exact"
        cached: Basis = "exact" if is_placed and cache.basis == "exact" else "estimate"
        found: dict[str, Basis] = {
            "parameters": parameters,
            "weights": "exact" if is_placed and weights.basis == "exact" else "estimate",
            "kv_cache": cached,
            "state": cached,
            "activations": "estimate",
            "overhead": "estimate",
        }
        if placed.projector:
            found["projector"] = placed.projector.basis if parameters == "exact" else "estimate"
        return found

    @kept_property
    def details(self) -> Mapping[str, str]:
        """What stands beside a part: its format, or where the figure comes from."""
        engine, precision, projector = (
            self.workload.engine,
            self.measured.weights.precision,
            self.measured.placed.projector,
        )
        found = {
            "projector": projector.file_type if projector else "",
            "weights": precision.label,
            "kv_cache": self.measured.cache.dtype,
            "state": f"{precision.dtype} and fp32",
            "activations": engine.activations_detail,
            "overhead": engine.overhead_detail,
        }
        return {part: printable(detail) for part, detail in found.items()}

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
    def num_parameters_range(self) -> tuple[int, int]:
        """The fewest and the most parameters that the model may have; twice the same where they are known."""
        return self.architecture.num_parameters_range

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

    @property
    def total_bytes(self) -> int:
        """All of it, on all devices."""
        return self.measured.total_bytes

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
            "num_parameters_range": list(self.num_parameters_range),
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
