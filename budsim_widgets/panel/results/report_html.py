"""Results as HTML: the verdict first, then the picture, the table, and what to know about the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.fitting.sentences import verdict_sentence
from budsim_widgets.memory import AnalysisReport, ComparisonReport
from budsim_widgets.memory.rendering import BASIS_WORDS, all_lines
from budsim_widgets.panel.html.charts import context_chart, legend, total_bar
from budsim_widgets.panel.html.markup import Html, join, shorten, tag
from budsim_widgets.panel.html.prose import bullets
from budsim_widgets.panel.html.tables import table
from budsim_widgets.panel.results.comparison_html import comparison_html
from budsim_widgets.panel.results.fit_html import VERDICT_CLASSES, limits_html
from budsim_widgets.panel.results.training_html import training_html
from budsim_widgets.panel.results.verdict import Verdict, context_verdict, verdict
from budsim_widgets.training import TrainingReport
from budsim_widgets.translation import mark, tr, translated
from budsim_widgets.units import format_bytes, format_count

if TYPE_CHECKING:
    from budsim_widgets.engines import Workload
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport
    from budsim_widgets.panel.flow.run_action import ActionResult
    from budsim_widgets.resolver import ResolvedConfig

_SOURCES = {
    "user_provided": mark("pasted config"),
    "catalog": mark("config from the Hub, kept here"),
    "huggingface": mark("config from the Hub"),
    "file": mark("config file"),
    "dict": mark("config as given"),
}
_REVISION_CHARACTERS = 8


def result_html(result: ActionResult, accelerator: Accelerator | None, fit: FitReport | None = None) -> Html:
    """What an action gave, as the panel shows it.

    Args:
        result: What it gave.
        accelerator: What it should fit on; None: the smallest that does.
        fit: What of a calculated model fits there.
    """
    return tag("section", _body(result, accelerator, fit), class_="budsim-report", aria_label=tr("Result"))


def _body(result: ActionResult, accelerator: Accelerator | None, fit: FitReport | None) -> Html:
    report = result.report
    if isinstance(report, ComparisonReport):
        return comparison_html(report, accelerator)
    if isinstance(report, AnalysisReport):
        return _analysis_html(report, accelerator, result.resolved)
    if isinstance(report, TrainingReport):
        return training_html(report)
    if fit is not None:
        return _fit_html(fit, report, result.resolved)
    return _memory_html(report, result.resolved)


def workload_text(workload: Workload, *, with_length: bool = True) -> str:
    """What was asked for, in one line."""
    length = tr("{tokens:,} tokens of context", tokens=workload.seq_length) if with_length else ""
    devices = tr("{count:,} devices", count=workload.num_devices) if workload.num_devices > 1 else ""
    batch = tr("batch size {count:,}", count=workload.batch_size)
    precision = tr("precision as in the config") if workload.precision == "auto" else workload.precision
    return " · ".join(part for part in (batch, length, precision, workload.engine.label, devices) if part)


def source_text(resolved: ResolvedConfig) -> str:
    """Where the config came from, and whether it was checked against what the Hub publishes."""
    source = tr(_SOURCES[resolved.source])
    if resolved.source == "user_provided":
        verified = tr("verified: as many parameters as the Hub publishes")
        return f"{source}, {verified if resolved.is_verified else tr('not verified')}"
    if not resolved.revision:
        return source
    return tr("{source}, revision {revision}", source=source, revision=resolved.revision[:_REVISION_CHARACTERS])


def _memory_html(report: MemoryReport, resolved: ResolvedConfig | None) -> Html:
    headline = verdict(report)
    return join(
        _headline_html(headline),
        _about(report, resolved, workload_text(report.workload)),
        _parts_html(report, headline.capacity_bytes),
        # the first sentence says where it fits, as the verdict does
        bullets(map(translated, report.recommendations[1:]), "budsim-advice"),
        bullets(_other_notes(report, resolved), "budsim-notes"),
    )


def _fit_html(fit: FitReport, report: MemoryReport, resolved: ResolvedConfig | None) -> Html:
    kind = VERDICT_CLASSES[fit.verdict]
    notes = _other_notes(fit.memory, resolved)
    return join(
        tag("p", verdict_sentence(fit), role="status", class_=f"budsim-verdict budsim-verdict-{kind}"),
        _about(report, resolved, workload_text(fit.workload)),
        limits_html(fit),
        _parts_html(fit.memory, fit.capacity_bytes * fit.num_devices),
        bullets(notes, "budsim-notes"),
    )


def _parts_html(report: MemoryReport, capacity_bytes: int) -> Html:
    rows = [
        (tr(line.name), format_bytes(line.num_bytes), tr(BASIS_WORDS[line.basis]), translated(line.detail))
        for line in all_lines(report)
        if line.num_bytes
    ]
    return join(
        total_bar(report, capacity_bytes, max(report.total_bytes, capacity_bytes)),
        legend(report),
        table(
            (tr("Part"), tr("Memory"), tr("Basis"), tr("Detail")),
            rows,
            texts=(0, 2, 3),
            caption=tr("Memory by part"),
            last_is_total=True,
        ),
    )


def _analysis_html(report: AnalysisReport, accelerator: Accelerator | None, resolved: ResolvedConfig | None) -> Html:
    headline, longest = context_verdict(report, accelerator), report.reports[-1]
    rows = [
        (
            f"{one.workload.seq_length:,}",
            *map(format_bytes, (one.total_bytes, one.kv_cache_bytes + one.state_bytes, one.activation_bytes)),
        )
        for one in report.reports
    ]
    return join(
        _headline_html(headline),
        _about(longest, resolved, workload_text(longest.workload, with_length=False)),
        tag("p", tr("Total memory in GiB by context length"), class_="budsim-chart-title"),
        context_chart(report.reports, headline.capacity_bytes),
        legend(longest, with_numbers=False),
        table(
            (tr("Context"), tr("Total"), tr("Cache"), tr("Activations")), rows, caption=tr("Memory by context length")
        ),
        bullets(map(translated, report.insights), "budsim-advice"),
        tag("p", tr("At {tokens:,} tokens:", tokens=longest.workload.seq_length), class_="budsim-notes")
        if report.recommendations
        else "",
        bullets((*map(translated, report.recommendations), *_other_notes(longest, resolved)), "budsim-notes"),
    )


def _headline_html(headline: Verdict) -> Html:
    kind = {True: "fits", False: "not", None: "plain"}[headline.fits]
    return tag("p", headline.sentence, role="status", class_=f"budsim-verdict budsim-verdict-{kind}")


def _about(report: MemoryReport, resolved: ResolvedConfig | None, workload: str) -> Html:
    badge = tag(
        "span",
        tr(BASIS_WORDS[report.basis]),
        class_=f"budsim-badge budsim-badge-{report.basis}",
        title=tr(_BASES[report.basis]),
    )
    kind = " · ".join(part for part in (tr(report.model_type), (report.attention_type or "").upper()) if part)
    counts = tr("{count} parameters", count=format_count(report.num_parameters))
    if report.num_active_parameters != report.num_parameters:
        active = format_count(report.num_active_parameters)
        counts = tr("{parameters}, {count} active", parameters=counts, count=active)
    name = tag("strong", shorten(report.model_id or tr("This config")))
    source = tag("div", source_text(resolved)) if resolved else ""
    facts = tag("div", f"{counts} · {kind}")
    about = tag("div", tag("div", name, " ", badge), facts, tag("div", workload), source, class_="budsim-about")
    return join(about, _doubts(_notices(resolved)))


def _doubts(notices: tuple[str, ...]) -> Html:
    """What a person should know of the config itself, before they read the numbers."""
    return (
        tag("div", *(tag("p", translated(text)) for text in notices), class_="budsim-alert budsim-warning")
        if notices
        else Html()
    )


_BASES = {
    "exact": mark("Parameters, weights and cache are exact; activations and overhead are estimates"),
    "estimate": mark("This kind of model isn't described exactly: the numbers are estimates"),
}


def _notices(resolved: ResolvedConfig | None) -> tuple[str, ...]:
    return resolved.notices if resolved else ()


def _other_notes(report: MemoryReport, resolved: ResolvedConfig | None) -> tuple[str, ...]:
    """The report's notes without those of its config, which stand at the top."""
    return tuple(translated(note) for note in report.notes if note not in _notices(resolved))
