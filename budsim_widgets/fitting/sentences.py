"""What a fit report says, in sentences: in a terminal, in a notebook and in the panel alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.fitting.options import Option
    from budsim_widgets.fitting.placement import Verdict
    from budsim_widgets.fitting.report import FitReport

VERDICT_WORDS: Final[dict[Verdict, str]] = {
    "fits": "Fits",
    "tight": "Tight",
    "does_not_fit": "Does not fit",
}


START: Final = "Start it"
"""The limit that is none: the line that starts the engine."""


def verdict_sentence(report: FitReport) -> str:
    """Whether it fits, where, and what is free.

    Example:
        `Fits on one NVIDIA RTX 4090 24GB: 7.1 GiB free of 23.5 GiB.`
    """
    where = f"on {devices(report)}"
    each = " on the fullest" if report.num_devices > 1 else ""
    capacity = format_bytes(report.capacity_bytes)
    if report.free_bytes < 0:
        amount = f"{format_bytes(-report.free_bytes)} more than the {capacity}{each} that it has"
    else:
        amount = f"{format_bytes(report.free_bytes)} free{each} of {capacity}"
    reason = ", within the error of the estimates" if report.verdict == "tight" else ""
    return f"{VERDICT_WORDS[report.verdict]} {where}: {amount}{reason}."


def devices(report: FitReport) -> str:
    """The devices as people write them: `one NVIDIA RTX 4090 24GB`, `2 x NVIDIA H100 80GB`."""
    label = report.accelerator.label
    return f"one {label}" if report.num_devices == 1 else f"{report.num_devices} x {label}"


def facts(report: FitReport) -> Iterator[tuple[str, str]]:
    """(what, how much) for each limit that was solved."""
    workload, engine = report.workload, report.workload.engine
    if report.max_seq_length is not None:
        yield "Largest context", _longest(report)
    yield "Largest batch", f"{report.max_batch_size:,} sequences of {workload.seq_length:,} tokens"
    if report.cache_tokens:
        yield "Cache", f"{report.cache_tokens:,} tokens in all"
    yield "At once", f"{requests(report.max_concurrency)} of {workload.seq_length:,} tokens with {engine.label}"
    if report.gpu_layers is not None:
        yield "Layers on the GPU", f"{report.gpu_layers:,}"
    if report.launch_command is not None:
        yield START, report.launch_command


def _longest(report: FitReport) -> str:
    batch = f"at batch size {report.workload.batch_size:,}"
    if not report.max_seq_length:
        return f"none, not even one token fits {batch}"
    end = "the model's own limit" if report.limited_by == "model" else "the memory ends it"
    return f"{report.max_seq_length:,} tokens {batch} ({end})"


def requests(concurrency: float) -> str:
    """A number of requests: whole ones, or the part of one that fits.

    Example:
        >>> requests(12.7), requests(1.0), requests(0.25)
        ('12 requests', '1 request', '0.25 requests')
    """
    if 0 < concurrency < 1:
        return f"{concurrency:.2f} requests"
    count = int(concurrency)
    return f"{count:,} request{'' if count == 1 else 's'}"


def option_sentence(option: Option) -> str:
    """What a change brings."""
    free = format_bytes(abs(option.free_bytes))
    after = f"{free} free" if option.free_bytes >= 0 else f"{free} too much"
    return f"{option.label}: {VERDICT_WORDS[option.verdict].lower()}, {after}"
