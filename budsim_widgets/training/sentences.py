"""What a training report says, in sentences: in a terminal, in a notebook and in the panel alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.fitting.sentences import VERDICT_WORDS, batch_text, devices_text, placed_sentence
from budsim_widgets.translation import mark, tr
from budsim_widgets.units import format_bytes, format_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.fitting.options import Option
    from budsim_widgets.training.report import TrainingReport

METHOD_WORDS: Final = {"full": mark("Full fine-tuning"), "lora": "LoRA", "qlora": "QLoRA"}
MOMENT_WORDS: Final = {
    "load": mark("after loading"),
    "generate": mark("while answers are made"),
    "forward": mark("in the forward pass"),
    "loss": mark("at the loss"),
    "backward": mark("in the backward pass"),
    "step": mark("in the optimizer's step"),
}
_SHOWN: Final = 3


def title(report: TrainingReport) -> str:
    """The first line: how much, for what.

    Example:
        `meta-llama/Llama-3.1-8B: LoRA takes 21.3 GiB (19.9 to 24.0), most at the loss` …
    """
    low, high = (format_bytes(value) for value in report.total_bytes_range)
    values = {
        "method": tr(METHOD_WORDS[report.method]),
        "total": format_bytes(report.total_bytes),
        "low": low,
        "high": high,
        "moment": tr(MOMENT_WORDS[report.peak.name]),
    }
    if report.num_devices > 1:
        said = tr("{method} takes {total} on each device ({low} to {high}), most {moment}", **values)
    else:
        said = tr("{method} takes {total} ({low} to {high}), most {moment}", **values)
    return f"{report.model_id}: {said}" if report.model_id else said


def subtitle(report: TrainingReport) -> str:
    """The second line: what is trained, and how."""
    settings = report.workload
    trained, all_ = format_count(report.num_trainable_parameters), format_count(report.num_parameters)
    parts = [
        tr("{trained} of {all} parameters trained", trained=trained, all=all_),
        tr("batch size {count:,}", count=settings.batch_size),
        tr("{tokens:,} tokens of context", tokens=settings.seq_length),
    ]
    parts += [settings.precision, settings.optimizer, settings.tool]
    if settings.gradient_checkpointing:
        parts.append(tr("gradient checkpointing"))
    if settings.num_devices > 1:
        parts.append(tr("{count:,} devices", count=settings.num_devices))
        parts.append(settings.sharding or tr("nothing shared"))
    return ", ".join(parts)


def verdict_sentence(report: TrainingReport) -> str:
    """Whether it fits on the accelerator that was named; empty where none was.

    Example:
        `Fits on one NVIDIA RTX 4090 24GB: 2.3 GiB free of 23.5 GiB.`
    """
    fit = report.fit
    if fit is None:
        return ""
    where = devices_text(fit.accelerator.label, report.num_devices)
    return placed_sentence(fit.verdict, where, fit.free_bytes, fit.capacity_bytes, is_one=True)


def facts(report: TrainingReport) -> Iterator[tuple[str, str]]:
    """(what, how much) for each limit that was solved."""
    if report.fit is None:
        return
    settings = report.workload
    longest = {"tokens": report.fit.max_seq_length, "batch": settings.batch_size}
    yield tr("Longest sequence"), tr("{tokens:,} tokens at batch size {batch:,}", **longest)
    yield tr("Largest batch"), batch_text(report.fit.max_batch_size, settings.seq_length)
    if report.host_bytes:
        yield tr("In the computer's memory"), format_bytes(report.host_bytes)


def option_sentence(option: Option) -> str:
    """What a change brings."""
    verdict = tr(VERDICT_WORDS[option.verdict]).lower()
    saved = tr("saves {size}", size=format_bytes(option.saved_bytes))
    return f"{option.label}: {verdict}, {saved}"


def recommendations(report: TrainingReport) -> tuple[str, ...]:
    """What to do: the options that help most."""
    fit = report.fit
    if fit is None or fit.verdict == "fits":
        return tuple(
            f"With {one.label} it takes {format_bytes(one.saved_bytes)} less." for one in report.options[:_SHOWN]
        )
    working = [one for one in report.options if one.verdict == "fits"]
    if working:
        return tuple(f"It fits with {one.label}: {format_bytes(one.saved_bytes)} less." for one in working[:_SHOWN])
    return tuple(
        f"With {one.label} it takes {format_bytes(one.saved_bytes)} less, which isn't enough."
        for one in report.options[:_SHOWN]
    )
