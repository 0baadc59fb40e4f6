"""What stands at the top of a result: the verdict, what was calculated, and what is doubtful about its config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.rendering.markup import Html, heading, join, shorten, tag
from budsim_widgets.translation import mark, tr, translated
from budsim_widgets.units import format_count

if TYPE_CHECKING:
    from budsim_widgets.engines import Workload
    from budsim_widgets.memory import MemoryReport
    from budsim_widgets.rendering.reports.verdict import Verdict
    from budsim_widgets.resolver import ResolvedConfig

_SOURCES: Final = {
    "user_provided": mark("pasted config"),
    "copy": mark("config copied from {model}"),
    "catalog": mark("config from the Hub, kept here"),
    "huggingface": mark("config from the Hub"),
    "file": mark("config file"),
    "dict": mark("config as given"),
}
_BASES: Final = {
    "exact": mark(
        "Parameters, weights and cache follow exactly from the config; activations and overhead are estimates"
    ),
    "estimate": mark("This kind of model isn't described exactly: the numbers are estimates"),
}
_BADGES: Final = {"exact": mark("exact for this config"), "estimate": mark("estimate")}
_REVISION_CHARACTERS: Final = 8


def headline_html(headline: Verdict) -> Html:
    """The first sentence; its kind is told by a sign and a colour as well."""
    return verdict_html(headline.sentence, headline.kind)


def verdict_html(sentence: str, kind: str) -> Html:
    """The first sentence of a result; `kind` is fits, tight, not or plain."""
    return heading(2, sentence, class_=f"budsim-verdict budsim-verdict-{kind}")


def about_html(report: MemoryReport, resolved: ResolvedConfig | None, workload: str) -> Html:
    """The model, its size, what was asked for, and where its config came from."""
    badge = tag(
        "span",
        tr(_BADGES[report.basis]),
        class_=f"budsim-badge budsim-badge-{report.basis}",
        title=tr(_BASES[report.basis]),
    )
    kind = " · ".join(part for part in (tr(report.model_type), (report.attention_type or "").upper()) if part)
    counts = _parameters(report)
    if report.num_active_parameters != report.num_parameters:
        active = format_count(report.num_active_parameters)
        counts = tr("{parameters}, {count} active", parameters=counts, count=active)
    name = tag("strong", shorten(report.model_id or tr("This config")))
    known = source_text(resolved) if resolved else tr(_SOURCES.get(report.config_source, ""))
    source = tag("div", known) if known else ""
    facts = tag("div", f"{counts} · {kind}", title=tr("{count:,} parameters", count=report.num_parameters))
    about = tag("div", tag("div", name, " ", badge), facts, tag("div", workload), source, class_="budsim-about")
    return join(about, _doubts(notices_of(resolved)))


def _parameters(report: MemoryReport) -> str:
    """How many there are, or between which numbers they are, where the model isn't known."""
    count, low, high = map(format_count, (report.num_parameters, *report.num_parameters_range))
    if low == high:
        return tr("{count} parameters", count=count)
    return tr("{count} parameters ({low} to {high})", count=count, low=low, high=high)


def workload_text(workload: Workload, *, with_length: bool = True) -> str:
    """What was asked for, in one line."""
    length = tr("{tokens:,} tokens of context", tokens=workload.seq_length) if with_length else ""
    devices = tr("{count:,} devices", count=workload.num_devices) if workload.num_devices > 1 else ""
    batch = tr("batch size {count:,}", count=workload.batch_size)
    precision = tr("precision as in the config") if workload.precision == "auto" else workload.precision
    return " · ".join(part for part in (batch, length, precision, workload.engine.label, devices) if part)


def source_text(resolved: ResolvedConfig) -> str:
    """Where the config came from, and whether it was checked against what the Hub publishes."""
    source = tr(_SOURCES[resolved.source], model=shorten(resolved.copied_from or ""))
    if resolved.source in {"user_provided", "copy"}:
        verified = tr("verified: as many parameters as the Hub publishes")
        return f"{source}, {verified if resolved.is_verified else tr('not verified against the Hub')}"
    if not resolved.revision:
        return source
    return tr("{source}, revision {revision}", source=source, revision=resolved.revision[:_REVISION_CHARACTERS])


def notices_of(resolved: ResolvedConfig | None) -> tuple[str, ...]:
    """What a person should know of the config itself."""
    return resolved.notices if resolved else ()


def other_notes(report: MemoryReport, resolved: ResolvedConfig | None) -> tuple[str, ...]:
    """The report's notes without those of its config, which stand at the top."""
    return tuple(translated(note) for note in report.notes if note not in notices_of(resolved))


def _doubts(notices: tuple[str, ...]) -> Html:
    """Before the numbers are read."""
    if not notices:
        return Html()
    return tag("div", *(tag("p", translated(text)) for text in notices), class_="budsim-alert budsim-warning")
