"""Changes that make a workload fit, or free most of a device: each is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting.limits import fewest_cpu_moe_layers, longest_context, most_gpu_layers
from budsim_widgets.fitting.placement import VERDICTS, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Workload
    from budsim_widgets.fitting.placement import Placement, Verdict
    from budsim_widgets.hardware import Accelerator

Changes = dict[str, Any]

_TRIED: Final = 4
"""Layers beside the most that fit, since the most are often tight."""

_CHEAPEST_FIRST: Final = ("precision", "kv_cache_precision", "seq_length", "batch_size", "cpu_moe_layers", "gpu_layers")
"""What is given up: a little accuracy, length, requests at once, then speed; settings of an engine cost nothing."""

_PARALLEL: Final = ("tensor_parallel", "pipeline_parallel")

DEVICE_COUNTS: Final = (2, 4, 8, 16, 32, 64)
"""Numbers of devices that models are divided over in practice."""


@dataclass(frozen=True)
class Option:
    """A change of a workload.

    Attributes:
        changes: Parameters of `fit`, or settings of its engine, with their new values.
        saved_bytes: What it frees on the fullest device.
        free_bytes: What is free there then; negative: what it lacks.
        verdict: Whether it fits then.
    """

    changes: Mapping[str, Any]
    saved_bytes: int
    free_bytes: int
    verdict: Verdict

    @property
    def label(self) -> str:
        """The changes as they are written in a call.

        Example:
            >>> Option({"precision": "fp8"}, 2**30, 0, "fits").label
            "precision='fp8'"
        """
        return ", ".join(f"{name}={value!r}" for name, value in self.changes.items())

    @property
    def takes_more_devices(self) -> bool:
        """Whether it needs devices beside those that there are."""
        return not self.changes.keys().isdisjoint(_PARALLEL)

    def to_dict(self) -> dict[str, Any]:
        """Its fields, as JSON has them."""
        return {
            "changes": dict(self.changes),
            "saved_bytes": self.saved_bytes,
            "free_bytes": self.free_bytes,
            "verdict": self.verdict,
        }


def offloading(options: Iterable[Option]) -> Changes:
    """The settings that leave to the CPU what doesn't fit, experts before layers; empty: no option does."""
    fitting = [option for option in options if option.verdict != "does_not_fit"]
    for name in ("cpu_moe_layers", "gpu_layers"):
        for option in fitting:
            if option.changes.keys() == {name}:
                return dict(option.changes)
    return {}


@dataclass(frozen=True)
class Search:
    """What options are looked for: a model and a workload on an accelerator.

    Attributes:
        max_seq_length: The longest context that fits, or None.
        max_batch_size: The largest batch that fits.
    """

    architecture: Architecture
    workload: Workload
    accelerator: Accelerator
    today: Placement
    max_seq_length: int | None
    max_batch_size: int

    def options(self) -> tuple[Option, ...]:
        """What fits first, and of that the cheapest change; more devices come last."""
        found = [option for kind in self._kinds() if (option := self._mildest(kind)) is not None]
        own = [option for option in found if not option.takes_more_devices]
        if self.today.verdict != "fits" and all(option.verdict != "fits" for option in own):
            found += self._combined(found)
        useful = (option for option in found if option.saved_bytes > 0)
        return tuple(sorted(useful, key=_rank))

    def _kinds(self) -> Iterator[Iterable[Changes]]:
        """What can be changed: for each kind, its values from the mildest to the strongest."""
        workload, engine = self.workload, self.workload.engine
        for settings in engine.smaller_settings():
            yield [settings]
        if self.today.verdict == "does_not_fit":
            yield from self._offloads()
        yield [{"precision": name} for name in engine.smaller_weight_precisions]
        if self.today.memory.kv_cache_bytes:
            yield [{"kv_cache_precision": name} for name in engine.smaller_cache_precisions]
        if workload.batch_size > 1:
            yield [{"batch_size": self.max_batch_size if 0 < self.max_batch_size < workload.batch_size else 1}]
        if self.max_seq_length is not None and workload.seq_length > 1:
            yield [{"seq_length": self._shorter()}]
        for name in engine.dividing_parameters if self.accelerator.vendor != "Apple" else ():
            given = getattr(workload, name)
            yield [{name: given * count} for count in DEVICE_COUNTS if given * count <= DEVICE_COUNTS[-1]]

    def _offloads(self) -> Iterator[Iterable[Changes]]:
        """The fewest experts and the fewest layers that must stay in RAM."""
        experts = fewest_cpu_moe_layers(self.architecture, self.workload, self.accelerator)
        if experts:
            most = self.workload.engine.placeable_experts(self.architecture) or experts
            yield [{"cpu_moe_layers": layers} for layers in range(experts, min(experts + _TRIED, most + 1))]
        layers = most_gpu_layers(self.architecture, self.workload, self.accelerator)
        if layers is not None:
            yield [{"gpu_layers": fewer} for fewer in range(layers, max(layers - _TRIED, -1), -1)]

    def _shorter(self) -> int:
        longest, asked = self.max_seq_length or 0, self.workload.seq_length
        return longest if 0 < longest < asked else max(1, asked // 2)

    def _mildest(self, values: Iterable[Changes]) -> Option | None:
        """The mildest value that fits; where none does, the one that frees most."""
        best: Option | None = None
        for changes in values:
            option = self._measured(changes)
            if option is None or option.saved_bytes <= 0:
                continue
            if option.verdict == "fits":
                return option
            if best is None or option.free_bytes > best.free_bytes:
                best = option
        return best

    def _measured(self, changes: Changes) -> Option | None:
        """What a change brings; None where the model can't be run so."""
        try:
            after = place(self.architecture, changed(self.workload, changes), self.accelerator)
        except WorkloadError:
            return None
        free = after.free_bytes
        return Option(changes, free - self.today.free_bytes, free, after.verdict)

    def _combined(self, single: list[Option]) -> Iterator[Option]:
        """One option of several changes, taken in turn until it fits; the context is cut last, to what then fits."""
        taken: Changes = {}
        for option in single:
            if option.saved_bytes <= 0 or option.takes_more_devices or "seq_length" in option.changes:
                continue
            taken = {**taken, **option.changes}
            together = self._measured(taken)
            if together is not None and together.verdict == "fits":
                yield together
                return
        shortened = longest_context(self.architecture, changed(self.workload, taken), self.accelerator).seq_length
        together = self._measured({**taken, "seq_length": shortened}) if shortened else None
        if together is not None:
            yield together


def _rank(option: Option) -> tuple[int, int, int, int, int]:
    costs = [_CHEAPEST_FIRST.index(name) + 1 for name in option.changes if name in _CHEAPEST_FIRST]
    dearest = max(costs, default=0)
    devices = max((option.changes[name] for name in _PARALLEL if name in option.changes), default=0)
    return VERDICTS.index(option.verdict), devices, len(costs), dearest, -option.saved_bytes


def changed(workload: Workload, changes: Mapping[str, Any]) -> Workload:
    """The workload with other parameters, or with other settings of its engine.

    Raises:
        WorkloadError: A value is out of range.

    Example:
        >>> from budsim_widgets.engines import Workload
        >>> changed(Workload(), {"batch_size": 2}).batch_size
        2
    """
    own = {name: value for name, value in changes.items() if name in workload.__dataclass_fields__}
    settings = {name: value for name, value in changes.items() if name not in own}
    engine = workload.engine.with_settings(**settings) if settings else workload.engine
    return workload.changed(**{"engine": engine, **own})
