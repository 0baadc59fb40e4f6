"""What a sweep combines, and what it says of each combination."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from budsim_widgets.fitting.placement import Verdict
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.hardware import Accelerator


class Cell(NamedTuple):
    """What one combination takes, in bytes on all devices together.

    Attributes:
        num_devices: Devices.
        verdict: Whether it fits; None: no accelerator is named.
        total_bytes: All of it.
        weight_bytes: Weights.
        kv_cache_bytes: Keys and values.
        state_bytes: Recurrent states.
        activation_bytes: Intermediate results.
        overhead_bytes: The processes themselves.
        host_bytes: What stays in the computer's own memory.
        free_bytes: What is free on the fullest device; negative: what it lacks.
        basis: Whether weights and cache are exact.
        error: Why nothing of this is known; None where it is.
    """

    num_devices: int | None = None
    verdict: Verdict | None = None
    total_bytes: int | None = None
    weight_bytes: int | None = None
    kv_cache_bytes: int | None = None
    state_bytes: int | None = None
    activation_bytes: int | None = None
    overhead_bytes: int | None = None
    host_bytes: int | None = None
    free_bytes: int | None = None
    basis: Basis | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What is combined for each model, engine and precision, in this order.

    Attributes:
        accelerators: The devices with the number of each; None: no accelerator.
        kv_cache_precisions: Formats of keys and values.
        seq_lengths: Tokens of each request.
        batch_sizes: Requests at once.
        tensor_parallel: Devices that share a layer; 1: as many as an accelerator's name counts.
        pipeline_parallel: Pipeline stages.
    """

    accelerators: tuple[tuple[Accelerator | None, int], ...] = ((None, 1),)
    kv_cache_precisions: tuple[str, ...] = ("auto",)
    seq_lengths: tuple[int, ...] = (2048,)
    batch_sizes: tuple[int, ...] = (1,)
    tensor_parallel: int = 1
    pipeline_parallel: int = 1

    def __len__(self) -> int:
        return prod(map(len, (self.accelerators, self.kv_cache_precisions, self.seq_lengths, self.batch_sizes)))

    def devices(self, count: int) -> tuple[int, int]:
        """(tensor_parallel, pipeline_parallel) on devices whose name counts so many."""
        is_given = self.tensor_parallel * self.pipeline_parallel > 1
        return (self.tensor_parallel if is_given else count), self.pipeline_parallel
