"""What stands above a picture of a report: the model, the first sentence, what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.fitting.sentences import verdict_sentence
from budsim_widgets.memory import AnalysisReport, ComparisonReport
from budsim_widgets.rendering.markup import shorten
from budsim_widgets.rendering.reports.about import workload_text
from budsim_widgets.rendering.reports.analysis_html import full_lines
from budsim_widgets.rendering.reports.verdict import comparison_verdict, context_verdict, verdict
from budsim_widgets.training import TrainingReport
from budsim_widgets.training import sentences as training_sentences
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.rendering.reports.kinds import Report


class Headline(NamedTuple):
    """What a report is about.

    Attributes:
        name: The model; of several what is done with them.
        sentence: The verdict.
        workload: What was asked for.
    """

    name: str
    sentence: str
    workload: str


def headline_of(report: Report, accelerator: Accelerator | None, fit: FitReport | None) -> Headline:
    """The headline of a report of any kind."""
    if isinstance(report, ComparisonReport):
        said = comparison_verdict(report, accelerator).sentence
        return Headline(tr("Memory of each model"), said, workload_text(report.workload))
    if isinstance(report, AnalysisReport):
        workload = workload_text(report.reports[-1].workload, with_length=False)
        tokens = full_lines(report, accelerator)[0].tokens if accelerator else None
        said = context_verdict(report, accelerator, tokens).sentence
        return Headline(_name(report.model_id), said, workload)
    if isinstance(report, TrainingReport):
        said = training_sentences.verdict_sentence(report) or training_sentences.title(report)
        return Headline(_name(report.model_id), said, training_sentences.subtitle(report))
    said = verdict_sentence(fit) if fit else verdict(report).sentence
    return Headline(_name(report.model_id), said, workload_text(report.workload))


def _name(model_id: str | None) -> str:
    return shorten(model_id or tr("This config"), 80)
