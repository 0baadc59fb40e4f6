"""What fine-tuning takes, as HTML: the verdict, the moments of a step, the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.fitting.sentences import VERDICT_WORDS
from budsim_widgets.rendering.bars import bars_html
from budsim_widgets.rendering.markup import Html, heading, join, tag
from budsim_widgets.rendering.prose import bullets
from budsim_widgets.rendering.reports.fit_html import VERDICT_CLASSES
from budsim_widgets.rendering.reports.option_words import changes_text
from budsim_widgets.rendering.reports.report_bars import moment_name, training_bars
from budsim_widgets.rendering.tables import bytes_cell, table
from budsim_widgets.training.sentences import facts, subtitle, title, verdict_sentence
from budsim_widgets.translation import mark, tr, translated
from budsim_widgets.units import common_unit, format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.fitting import Option
    from budsim_widgets.training import TrainingMoment, TrainingReport

HEADERS: Final = (
    mark("Moment"),
    mark("Total"),
    mark("Weights"),
    mark("Gradients"),
    mark("Optimizer"),
    mark("Activations"),
    mark("Loss"),
    mark("Overhead"),
)
_SHOWN_OPTIONS: Final = 8


def training_html(report: TrainingReport, is_offered: Callable[[Mapping[str, Any]], bool] = lambda _: False) -> Html:
    """A training report as the panel shows it.

    Args:
        report: The report.
        is_offered: Whether the changes of an option have a button beside the report: they aren't told here as well.
    """
    told = [option for option in report.options[:_SHOWN_OPTIONS] if not is_offered(option.changes)]
    kind = f" budsim-verdict-{VERDICT_CLASSES[report.fit.verdict]}" if report.fit else ""
    said = verdict_sentence(report) or f"{title(report)}."
    about = tag("p", subtitle(report), class_="budsim-about")
    return join(
        heading(2, said, class_=f"budsim-verdict{kind or ' budsim-verdict-plain'}"),
        tag("p", f"{title(report)}.") if report.fit else Html(),
        about,
        _limits(report),
        bars_html(training_bars(report)),
        _table(report),
        bullets(map(_option_text, told), "budsim-advice"),
        bullets(map(translated, report.notes), "budsim-notes"),
    )


def moment_row(moment: TrainingMoment, report: TrainingReport) -> tuple[str, ...]:
    """One moment as the cells of a table."""
    return moment_name(moment, report), *map(format_bytes, _parts(moment))


def _table(report: TrainingReport) -> Html:
    unit = common_unit(moment.total_bytes for moment in report.moments)
    rows = [
        (moment_name(moment, report), *(bytes_cell(unit, part) for part in _parts(moment))) for moment in report.moments
    ]
    first, *others = map(tr, HEADERS)
    headers = (first, *(f"{name}, {unit.name}" for name in others))
    return table(headers, rows, texts=(0,), caption=tr("Memory by moment"))


def _parts(moment: TrainingMoment) -> tuple[int, ...]:
    return (
        moment.total_bytes,
        moment.weight_bytes,
        moment.gradient_bytes,
        moment.optimizer_bytes,
        moment.activation_bytes,
        moment.loss_bytes,
        moment.overhead_bytes,
    )


def _limits(report: TrainingReport) -> Html:
    items = [tag("li", f"{name}: ", tag("strong", value)) for name, value in facts(report)]
    return tag("ul", *items, class_="budsim-limits") if items else Html()


def _option_text(option: Option) -> str:
    saved = tr("saves {size}", size=format_bytes(option.saved_bytes))
    return f"{changes_text(option.changes)}: {tr(VERDICT_WORDS[option.verdict]).lower()}, {saved}"
