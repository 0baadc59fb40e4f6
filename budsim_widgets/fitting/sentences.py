"""What a fit report says, in sentences: in a terminal, in a notebook and in the panel alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.translation import mark, tr, tr_count
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.fitting.options import Option
    from budsim_widgets.fitting.placement import Verdict
    from budsim_widgets.fitting.report import FitReport

VERDICT_WORDS: Final[dict[Verdict, str]] = {
    "fits": mark("Fits"),
    "tight": mark("Tight"),
    "does_not_fit": mark("Does not fit"),
}


SHORT_WORDS: Final[dict[Verdict, str]] = {
    "fits": mark("fits"),
    "tight": mark("tight"),
    "does_not_fit": mark("does not fit"),
}

START: Final = mark("Start it")
"""The limit that is none: the line that starts the engine."""


def verdict_sentence(report: FitReport) -> str:
    """Whether it fits, where, and what is free.

    Example:
        `Fits on one NVIDIA RTX 4090 24GB: 7.1 GiB free of 23.5 GiB.`
    """
    return placed_sentence(
        report.verdict, devices(report), report.free_bytes, report.capacity_bytes, is_one=report.num_devices == 1
    )


def placed_sentence(verdict: Verdict, devices: str, free_bytes: int, capacity_bytes: int, *, is_one: bool) -> str:
    """Whether something fits on devices, and what is free.

    Example:
        >>> placed_sentence("fits", "one L4", 2**31, 2**34, is_one=True)
        'Fits on one L4: 2.00 GiB free of 16.00 GiB.'
    """
    amounts = {"size": format_bytes(abs(free_bytes)), "capacity": format_bytes(capacity_bytes)}
    if free_bytes < 0 and is_one:
        amount = tr("{size} more than the {capacity} that it has", **amounts)
    elif free_bytes < 0:
        amount = tr("{size} more than the {capacity} on the fullest that it has", **amounts)
    elif is_one:
        amount = tr("{size} free of {capacity}", **amounts)
    else:
        amount = tr("{size} free on the fullest of {capacity}", **amounts)
    said = {"devices": devices, "amount": amount}
    if verdict == "tight" and free_bytes < 0:
        return tr("Tight on {devices}: {amount} by the estimate; at its low end it fits.", **said)
    if verdict == "tight":
        return tr("Tight on {devices}: {amount} by the estimate; at its high end it does not fit.", **said)
    if verdict == "fits":
        return tr("Fits on {devices}: {amount}.", **said)
    return tr("Does not fit on {devices}: {amount}.", **said)


def place_words(verdict: Verdict, free_bytes: int) -> str:
    """The same in few words, for a button or a cell.

    Example:
        >>> place_words("fits", 2**30), place_words("does_not_fit", -(2**30))
        ('fits, 1.00 GiB free', 'does not fit, 1.00 GiB over')
        >>> place_words("tight", 2**30), place_words("tight", -(2**30))
        ('tight: about 1.00 GiB free', 'tight: may fit, about 1.00 GiB over')
    """
    amount = format_bytes(abs(free_bytes))
    if verdict == "tight" and free_bytes < 0:
        return tr("tight: may fit, about {size} over", size=amount)
    if verdict == "tight":
        return tr("tight: about {size} free", size=amount)
    free = tr("{size} free", size=amount) if free_bytes >= 0 else tr("{size} over", size=amount)
    return f"{tr(SHORT_WORDS[verdict])}, {free}"


def devices(report: FitReport) -> str:
    """The devices as people write them: `one NVIDIA RTX 4090 24GB`, `2 x NVIDIA H100 80GB`."""
    label = report.accelerator.label
    return devices_text(label, report.num_devices)


def devices_text(label: str, count: int) -> str:
    """Devices as people write them."""
    return tr("one {accelerator}", accelerator=label) if count == 1 else f"{count} x {label}"


def facts(report: FitReport) -> Iterator[tuple[str, str]]:
    """(what, how much) for each limit that was solved."""
    workload, engine = report.workload, report.workload.engine
    if report.max_seq_length is not None:
        yield tr("Largest context"), _longest(report)
    yield tr("Largest batch"), batch_text(report.max_batch_size, workload.seq_length)
    if report.cache_tokens:
        yield tr("Cache"), tr("{count:,} tokens in all", count=report.cache_tokens)
    at_once = {"requests": requests(report.max_concurrency), "tokens": workload.seq_length, "engine": engine.label}
    yield tr("At once"), tr("{requests} of {tokens:,} tokens with {engine}", **at_once)
    if report.gpu_layers is not None:
        yield tr("Layers on the GPU"), f"{report.gpu_layers:,}"
    if report.launch_command is not None:
        yield tr(START), report.launch_command


def batch_text(sequences: int, tokens: int) -> str:
    """A batch in words."""
    return tr_count(
        "{count:,} sequence of {tokens:,} tokens", "{count:,} sequences of {tokens:,} tokens", sequences, tokens=tokens
    )


def _longest(report: FitReport) -> str:
    batch = report.workload.batch_size
    if not report.max_seq_length:
        return tr("none, not even one token fits at batch size {batch:,}", batch=batch)
    end = tr("the model's own limit") if report.limited_by == "model" else tr("the memory ends it")
    return tr(
        "{tokens:,} tokens at batch size {batch:,} ({reason})", tokens=report.max_seq_length, batch=batch, reason=end
    )


def requests(concurrency: float) -> str:
    """A number of requests: whole ones, or the part of one that fits.

    Example:
        >>> requests(12.7), requests(1.0), requests(0.25)
        ('12 requests', '1 request', '0.25 requests')
    """
    if 0 < concurrency < 1:
        return tr("{count:.2f} requests", count=concurrency)
    return tr_count("{count:,} request", "{count:,} requests", int(concurrency))


def option_sentence(option: Option) -> str:
    """What a change brings."""
    return f"{option.label}: {place_words(option.verdict, option.free_bytes)}"
