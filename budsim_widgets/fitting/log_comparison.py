"""The figures of a log beside those of the same workload, and the likeliest reason for each difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.engines import ENGINES, Workload, engine_of
from budsim_widgets.engines.logs import LOG_FORMATS
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting.log_report import LogReport, LogRow
from budsim_widgets.fitting.placement import place
from budsim_widgets.hardware import Accelerator
from budsim_widgets.memory.weights import weights_of
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Engine
    from budsim_widgets.engines.logs import Figure, LogReading
    from budsim_widgets.fitting.placement import Placement

_AGREES: Final = "The same."
_NEAR: Final = 0.005
_WITHIN: Final = "Within half a percent."
_OUR_ESTIMATE: Final = "Ours is an estimate."
_UNKNOWN_TOTAL: Final = "It follows from the memory of the device, which the log doesn't show: name the accelerator."
_NO_FIGURE: Final = "There is no figure of ours for this part alone."
_REASONS: Final = {
    ("weights", True): "Loading adds copies or padding, or the file has another quantization than its config says.",
    ("weights", False): "The file has a smaller format than its config says, or more devices share it.",
    ("host_weights", True): "More layers stay in the computer's memory than were assumed.",
    ("host_weights", False): "Fewer layers stay in the computer's memory than were assumed.",
    ("activations", True): "The sampler or an image encoder sets the peak, or more tokens are batched than assumed.",
    ("activations", False): "Fewer tokens are batched than assumed, or this version fuses more.",
    ("cache", True): "More tokens, more sequences or a larger cache format than were assumed.",
    ("cache", False): "Fewer tokens, fewer sequences or a smaller cache format than were assumed.",
    ("kv_cache", True): "The pool is what the other parts leave: their differences end here.",
    ("kv_cache", False): "The pool is what the other parts leave: CUDA graphs, other processes and their differences.",
    ("cache_tokens", True): "A smaller cache format or another version's rule for layers of several kinds.",
    (
        "cache_tokens",
        False,
    ): "A larger cache format or block size, or another version's rule for layers of several kinds.",
    ("max_concurrency", True): "It follows from the tokens; a version may count a request's blocks otherwise.",
    ("max_concurrency", False): "It follows from the tokens; a version may count a request's blocks otherwise.",
    ("compute", True): "This build reserves the scores of the whole batch, or runs without flash attention.",
    ("compute", False): "This build reserves the scores of a few tokens only.",
    ("total", True): "The log counts what stands outside of the parts, such as the context of the device.",
    ("total", False): "A part lies elsewhere, such as in the computer's memory.",
}


def compare_log(architecture: Architecture, reading: LogReading | None, given: Mapping[str, Any]) -> LogReport:
    """A log beside our numbers for the same workload.

    Args:
        architecture: The model.
        reading: What the log says; None where it is no engine's.
        given: Parameters of the workload that the caller gives; they win over those of the log.

    Raises:
        WorkloadError: A parameter that the caller gives can't be; `.field` names it.
    """
    if reading is None:
        Workload.of(**given)
        return LogReport(engine=None, label="", version=None, notes=(_unread(),))
    workload, notes = _workload(reading, given)
    total = reading.figures.get("total")
    accelerator = workload.accelerator
    if accelerator is None and total is not None and workload.engine.reserves_cache:
        accelerator = Accelerator(name="as logged", memory_gib=total.value / GIB)
    placement = place(architecture, workload, accelerator) if accelerator else None
    ours = _Ours(architecture, workload, placement, reading)
    return LogReport(
        engine=reading.engine,
        label=reading.label,
        version=reading.version,
        settings=reading.settings,
        rows=tuple(ours.row(part, figure) for part, figure in reading.figures.items()),
        not_said=_not_said(reading),
        notes=notes,
        workload=workload,
    )


class _Ours:
    """Our figures for the parts of a log."""

    def __init__(
        self, architecture: Architecture, workload: Workload, placement: Placement | None, reading: LogReading
    ) -> None:
        self._architecture, self._workload, self._reading = architecture, workload, reading
        # without an accelerator the parts are the same, and only what is left for the cache isn't known
        self._placement = placement or place(architecture, workload, Accelerator(memory_gib=1))
        self._knows_room = placement is not None

    def row(self, part: str, figure: Figure) -> LogRow:
        """A figure of the log beside ours."""
        ours, why_not = self.figure(part)
        held = "cache" if part == "kv_cache" and not self._workload.engine.reserves_cache else part
        reason = why_not if ours is None else _reason(held, figure, ours)
        return LogRow(part, figure.unit, figure.value, ours, reason)

    def figure(self, part: str) -> tuple[float | None, str]:
        """(our figure or None, why there is none)."""
        memory = self._placement.memory
        device = memory.peak_device
        found: dict[str, float] = {
            "weights": device.weight_bytes if self._workload.engine.reserves_cache else memory.weight_bytes,
            "host_weights": memory.host_bytes,
            "activations": device.activation_bytes,
            "compute": memory.activation_bytes,
            "state": memory.state_bytes,
            "file": memory.file_bytes,
            "used": device.total_bytes,
            "allocated": device.total_bytes - device.overhead_bytes,
        }
        if part in found:
            return found[part], ""
        if part in {"kv_cache", "cache_tokens", "max_concurrency"} and self._workload.engine.reserves_cache:
            return self._of_pool(part)
        if part == "kv_cache":
            return memory.kv_cache_bytes, ""
        if part == "total" and not self._workload.engine.reserves_cache and self._reading.engine is not None:
            return memory.total_bytes, ""
        return None, _NO_FIGURE

    def _of_pool(self, part: str) -> tuple[float | None, str]:
        """What the pool of an engine that takes it in advance holds: of the size that is logged, where it is."""
        pool = self._reading.figures.get("kv_cache")
        if part == "kv_cache":
            room = min(self._placement.room_bytes())
            return (max(0, room), "") if self._knows_room else (None, _UNKNOWN_TOTAL)
        if pool is None and not self._knows_room:
            return None, _UNKNOWN_TOTAL
        devices = len(self._placement.memory.per_device)
        rooms = self._placement.room_bytes() if pool is None else (int(pool.value),) * devices
        dtype = weights_of(self._architecture, self._workload.precision, self._workload.engine).precision.dtype
        served = self._workload.engine.served(self._architecture, self._workload, dtype, rooms)
        return (served.cache_tokens if part == "cache_tokens" else served.max_concurrency), _NO_FIGURE


def _reason(part: str, figure: Figure, ours: float) -> str:
    difference = figure.value - ours
    if abs(difference) <= figure.digit:
        return _AGREES
    if abs(difference) <= _NEAR * abs(figure.value):
        return _WITHIN
    return _REASONS.get((part, difference > 0), _OUR_ESTIMATE)


def _not_said(reading: LogReading) -> tuple[str, ...]:
    own = next(one for one in LOG_FORMATS if one.label == reading.label)
    return tuple(part for part in own.parts if part not in reading.figures)


def _workload(reading: LogReading, given: Mapping[str, Any]) -> tuple[Workload, tuple[str, ...]]:
    """The workload of a log with what the caller gives; what of the log can't be taken over is said."""
    engine = engine_of(given["engine"]) if "engine" in given else ENGINES.get(reading.engine or "", Workload().engine)
    known = {*Workload.__dataclass_fields__, *engine.__dataclass_fields__}
    logged = {name: value for name, value in reading.settings.items() if name in known and name not in given}
    return _as_logged(engine, logged, {name: value for name, value in given.items() if name != "engine"})


def _as_logged(engine: Engine, logged: dict[str, Any], given: dict[str, Any]) -> tuple[Workload, tuple[str, ...]]:
    own = {name: value for name, value in logged.items() if name in Workload.__dataclass_fields__}
    settings = {name: value for name, value in logged.items() if name not in own}
    try:
        with_settings = engine.with_settings(**settings) if settings else engine
        return Workload.of(**{**own, "engine": with_settings, **given}), ()
    except WorkloadError as error:
        if error.field not in logged:
            raise
        name, message = error.field, error.message
    workload, notes = _as_logged(engine, {key: value for key, value in logged.items() if key != name}, given)
    return workload, (f"The log's {name} {logged[name]} isn't taken over: {message}", *notes)


def _unread() -> str:
    known = ", ".join(one.label for one in LOG_FORMATS)
    return f"This is no log that is known here. Paste what one of these printed while it started: {known}."
