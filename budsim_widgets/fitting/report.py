"""What of a model fits on an accelerator: the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.memory.shown import ShownReport

if TYPE_CHECKING:
    from budsim_widgets.engines import Workload
    from budsim_widgets.fitting.limits import LimitedBy
    from budsim_widgets.fitting.options import Option
    from budsim_widgets.fitting.placement import Verdict
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport


@dataclass(frozen=True, kw_only=True, repr=False)
class FitReport(ShownReport):
    """Whether a model fits on devices of one kind with a workload, and what else would.

    Attributes:
        model_id: The Hub id, or None.
        accelerator: The device.
        num_devices: How many of them.
        workload: What was asked for.
        verdict: `fits`; `tight` where only part of the range of the estimates fits; `does_not_fit`.
        memory: What it takes.
        capacity_bytes: What the engine fills of each device.
        free_bytes: What stays free on the fullest device; negative: what it lacks.
        max_seq_length: The longest context for this batch; None: the cache doesn't grow with the context.
        limited_by: What ends that: `memory`, or `model` (the length that it was made for).
        max_batch_size: The largest batch for this length.
        cache_tokens: Tokens that the cache holds in all.
        max_concurrency: Requests of `seq_length` tokens at once, by the engine's own rule.
        gpu_layers: The most layers that fit on the devices, where the engine places them one by one.
        options: Changes that make it fit or free most, the best first.
        launch_command: The line that starts the engine with this workload; None: there is none.
    """

    rendering: ClassVar[str] = "budsim_widgets.fitting.rendering"

    model_id: str | None
    accelerator: Accelerator
    num_devices: int
    workload: Workload
    verdict: Verdict
    memory: MemoryReport
    capacity_bytes: int
    free_bytes: int
    max_seq_length: int | None
    limited_by: LimitedBy | None
    max_batch_size: int
    cache_tokens: int
    max_concurrency: float
    gpu_layers: int | None
    options: tuple[Option, ...]
    launch_command: str | None

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "model_id": self.model_id,
            "accelerator": self.accelerator.to_dict(),
            "num_devices": self.num_devices,
            "workload": self.workload.to_dict(),
            "verdict": self.verdict,
            "memory": self.memory.to_dict(),
            "capacity_bytes": self.capacity_bytes,
            "free_bytes": self.free_bytes,
            "max_seq_length": self.max_seq_length,
            "limited_by": self.limited_by,
            "max_batch_size": self.max_batch_size,
            "cache_tokens": self.cache_tokens,
            "max_concurrency": self.max_concurrency,
            "gpu_layers": self.gpu_layers,
            "options": [option.to_dict() for option in self.options],
            "launch_command": self.launch_command,
        }
