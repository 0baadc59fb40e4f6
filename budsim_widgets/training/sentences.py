"""What a training report says, in sentences: in a terminal, in a notebook and in the panel alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.fitting.sentences import VERDICT_WORDS
from budsim_widgets.units import format_bytes, format_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.fitting.options import Option
    from budsim_widgets.training.report import TrainingReport

METHOD_WORDS: Final = {"full": "Full fine-tuning", "lora": "LoRA", "qlora": "QLoRA"}
MOMENT_WORDS: Final = {
    "load": "after loading",
    "generate": "while answers are made",
    "forward": "in the forward pass",
    "loss": "at the loss",
    "backward": "in the backward pass",
    "step": "in the optimizer's step",
}
_SHOWN: Final = 3


def title(report: TrainingReport) -> str:
    """The first line: how much, for what.

    Example:
        `meta-llama/Llama-3.1-8B: LoRA takes 21.3 GiB (19.9 to 24.0), most at the loss` …
    """
    low, high = (format_bytes(value) for value in report.total_bytes_range)
    named = f"{report.model_id}: " if report.model_id else ""
    each = " on each device" if report.num_devices > 1 else ""
    total, moment = format_bytes(report.total_bytes), MOMENT_WORDS[report.peak.name]
    return f"{named}{METHOD_WORDS[report.method]} takes {total}{each} ({low} to {high}), most {moment}"


def subtitle(report: TrainingReport) -> str:
    """The second line: what is trained, and how."""
    settings = report.workload
    trained = f"{format_count(report.num_trainable_parameters)} of {format_count(report.num_parameters)} parameters"
    parts = [f"{trained} trained", f"batch_size {settings.batch_size:,}", f"seq_length {settings.seq_length:,}"]
    parts += [settings.precision, settings.optimizer, settings.tool]
    if settings.gradient_checkpointing:
        parts.append("gradient checkpointing")
    if settings.num_devices > 1:
        parts.append(f"{settings.num_devices} devices, {settings.sharding or 'nothing shared'}")
    return ", ".join(parts)


def verdict_sentence(report: TrainingReport) -> str:
    """Whether it fits on the accelerator that was named; empty where none was.

    Example:
        `Fits on one NVIDIA RTX 4090 24GB: 2.3 GiB free of 23.5 GiB.`
    """
    fit = report.fit
    if fit is None:
        return ""
    label = fit.accelerator.label
    where = f"on {report.num_devices} x {label}" if report.num_devices > 1 else f"on one {label}"
    capacity = format_bytes(fit.capacity_bytes)
    if fit.free_bytes < 0:
        amount = f"{format_bytes(-fit.free_bytes)} more than the {capacity} that it has"
    else:
        amount = f"{format_bytes(fit.free_bytes)} free of {capacity}"
    reason = ", within the error of the estimates" if fit.verdict == "tight" else ""
    return f"{VERDICT_WORDS[fit.verdict]} {where}: {amount}{reason}."


def facts(report: TrainingReport) -> Iterator[tuple[str, str]]:
    """(what, how much) for each limit that was solved."""
    if report.fit is None:
        return
    settings = report.workload
    yield "Longest sequence", f"{report.fit.max_seq_length:,} tokens at batch size {settings.batch_size:,}"
    yield "Largest batch", f"{report.fit.max_batch_size:,} sequences of {settings.seq_length:,} tokens"
    if report.host_bytes:
        yield "In the computer's memory", format_bytes(report.host_bytes)


def option_sentence(option: Option) -> str:
    """What a change brings."""
    return f"{option.label}: {VERDICT_WORDS[option.verdict].lower()}, saves {format_bytes(option.saved_bytes)}"


def recommendations(report: TrainingReport) -> tuple[str, ...]:
    """What to do: the options that help most."""
    fit = report.fit
    if fit is None or fit.verdict == "fits":
        return tuple(f"{_bringing(one)} less." for one in report.options[:_SHOWN])
    working = [one for one in report.options if one.verdict == "fits"]
    if working:
        return tuple(f"It fits with {one.label}: {format_bytes(one.saved_bytes)} less." for one in working[:_SHOWN])
    return tuple(f"{_bringing(one)} less, which isn't enough." for one in report.options[:_SHOWN])


def _bringing(option: Option) -> str:
    return f"With {option.label} it takes {format_bytes(option.saved_bytes)}"
