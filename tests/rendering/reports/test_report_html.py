from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hub.repos import LLAMA_3_1_8B, LLAMA_3_1_70B, QWEN_2_5_0_5B, QWEN_2_5_7B
from hypothesis import given
from hypothesis import strategies as st
from panel.shown import HOSTILE, Elements, assert_harmless, plain

from budsim_widgets.actions import Actions
from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.errors import ModelNotFoundError
from budsim_widgets.fitting import FitReport, RecommendingReport, fit
from budsim_widgets.hardware import Accelerator, accelerators, find
from budsim_widgets.memory import AnalysisReport, ComparisonReport, ComparisonRow, MemoryReport, measure
from budsim_widgets.rendering.charts import total_bar
from budsim_widgets.rendering.markup import join
from budsim_widgets.rendering.reports.report_html import report_parts
from budsim_widgets.rendering.reports.verdict import comparison_verdict, context_verdict, verdict
from budsim_widgets.rendering.segments import segments_of
from budsim_widgets.resolver import ResolvedConfig
from budsim_widgets.units import GIB, format_bytes

CONFIGS = {"8b": LLAMA_3_1_8B, "70b": LLAMA_3_1_70B, "7b": QWEN_2_5_7B, "0.5b": QWEN_2_5_0_5B}
ACTIONS = Actions()


def calculated(name: str = "8b", **workload: Any) -> MemoryReport:
    return dataclasses.replace(ACTIONS.calculate(CONFIGS[name], **workload), model_id=name)


def analyzed(name: str = "8b", **workload: Any) -> AnalysisReport:
    return ACTIONS.analyze(CONFIGS[name], **workload)


def compared(*names: str) -> ComparisonReport:
    rows = tuple(ComparisonRow(model_id=name, report=calculated(name)) for name in names)
    return ComparisonReport(rows=rows, workload=Workload())


def shown(report: Any, accelerator: Accelerator | None = None, **resolved: Any) -> str:
    found = ResolvedConfig(**{"model_id": "8b", "config": {}, "source": "huggingface", **resolved})
    placed = fitted(report, accelerator) if accelerator and isinstance(report, MemoryReport) else None
    return join(*report_parts(report, accelerator, placed, found))


def fitted(report: MemoryReport, accelerator: Accelerator) -> FitReport:
    assert report.architecture is not None
    return fit(report.architecture, report.workload, accelerator, model_id=report.model_id)


def test_a_result_begins_with_its_verdict() -> None:
    report = calculated()
    free = find("L4 24GB").usable_bytes - report.total_bytes
    lack = report.total_bytes - find("T4").usable_bytes
    assert plain(shown(report, find("L4 24GB"))).startswith(f"Fits on one NVIDIA L4 24GB: {format_bytes(free)} free of")
    assert plain(shown(report, find("T4"))).startswith(
        f"Does not fit on one NVIDIA T4 16GB: {format_bytes(lack)} more than the"
    )


def test_the_limits_are_said_in_the_words_that_people_use() -> None:
    text = plain(shown(calculated(engine="vllm"), find("L4 24GB")))
    placed = fitted(calculated(engine="vllm"), find("L4 24GB"))
    assert f"Largest context: {placed.max_seq_length:,} tokens" in text
    assert f"{int(placed.max_concurrency):,} requests of 2,048 tokens" in text
    assert "vllm serve 8b" in text


def test_without_an_accelerator_the_smallest_that_fits_is_named() -> None:
    assert verdict(calculated("0.5b")).sentence.startswith("Fits on one NVIDIA RTX 3060 12GB: ")
    large = verdict(calculated("70b", batch_size=32, seq_length=8192))
    assert re.match(r"Does not fit on one accelerator, needs \d+ \S NVIDIA .*: [\d,.]+ of [\d,.]+ GiB", large.sentence)
    assert large.kind == "not"


def test_what_fits_nowhere_is_said() -> None:
    huge = calculated("70b", batch_size=60000, seq_length=100_000_000)
    assert verdict(huge).sentence.startswith("Does not fit on 64 of any accelerator")
    assert plain(shown(huge, find("T4"))).startswith("Does not fit on one NVIDIA T4 16GB")
    assert_harmless(shown(huge))


@pytest.mark.parametrize("name", CONFIGS)
def test_the_verdict_agrees_with_the_fit_on_every_accelerator(name: str) -> None:
    report = calculated(name)
    for accelerator in accelerators():
        text = plain(shown(report, accelerator))
        is_within = report.total_bytes <= accelerator.usable_bytes
        assert text.startswith(("Fits", "Tight") if is_within else ("Does not fit", "Tight")), accelerator.name


def test_the_verdict_on_an_analysis_names_the_longest_context_that_fits() -> None:
    report = analyzed()
    assert context_verdict(report, find("T4")).sentence.startswith("Does not fit on one NVIDIA T4 16GB: 1,024 tokens")
    assert context_verdict(report, find("B200")).sentence.startswith("All these lengths fit on one NVIDIA B200 180GB")
    assert context_verdict(report, None).sentence.startswith("131,072 tokens of context: ")


@pytest.mark.parametrize("engine", ["transformers", "vllm", "sglang", "llama.cpp"])
@pytest.mark.parametrize(("card", "devices"), [("RTX 4090", "one"), ("2x RTX 3060 12GB", "2 x")])
def test_up_to_the_context_in_the_headline_of_an_analysis_fit_says_that_it_fits(
    engine: str, card: str, devices: str
) -> None:
    report = analyzed(engine=engine, accelerator=card)
    sentence = plain(shown(report, report.reports[0].workload.accelerator))

    def said(length: int) -> str:
        return ACTIONS.fitting.fit(LLAMA_3_1_8B, card, engine=engine, seq_length=length).verdict

    found = re.match(rf"Fits on {devices} NVIDIA .* up to ([\d,]+) tokens of context", sentence)
    if found is None:
        assert sentence.startswith(f"Tight on {devices} NVIDIA RTX 3060 12GB: 1,024 tokens take about")
        assert said(1024) == "tight"
    else:
        longest = int(found[1].replace(",", ""))
        assert (said(longest), said(longest + 1)) == ("fits", "tight")


def test_the_headline_of_an_analysis_says_where_it_is_tight_and_where_full() -> None:
    report = analyzed(engine="vllm", accelerator="RTX 4090")
    full = fitted(report.reports[0], find("RTX 4090")).max_seq_length
    assert f"tight beyond, full at about {full:,}" in plain(shown(report, find("RTX 4090")))
    two = ACTIONS.analyze(CONFIGS["8b"], seq_lengths=(1024, 2048))
    for_the_first = Accelerator(name="my card", memory_gib=two.reports[0].total_bytes_range[1] / GIB)
    assert context_verdict(two, for_the_first).sentence.endswith("up to 1,024 tokens of context, tight beyond")
    for_none = Accelerator(name="my card", memory_gib=two.reports[0].total_bytes / GIB)
    assert context_verdict(two, for_none).kind == "tight"


def test_without_a_card_each_is_full_where_fit_says_so() -> None:
    for name, full in analyzed(engine="sglang").full_at.items():
        assert ACTIONS.fitting.fit(LLAMA_3_1_8B, name, engine="sglang").max_seq_length == full


def test_the_verdict_on_a_comparison_counts_those_that_fit() -> None:
    report = compared("8b", "0.5b", "70b")
    assert comparison_verdict(report, find("L4 24GB")).sentence == "2 of 3 fit on one NVIDIA L4 24GB"
    assert comparison_verdict(report, None).sentence.startswith("0.5b takes the least memory: ")
    failed = ComparisonReport(
        rows=(ComparisonRow(model_id="x", error=ModelNotFoundError("No x.", next_step="Look.")),), workload=Workload()
    )
    assert comparison_verdict(failed, None).sentence == "None of these models could be calculated"
    assert "x : No x. Look." in plain(shown(failed))


@pytest.mark.parametrize(
    ("resolved", "words"),
    [
        ({"source": "user_provided", "is_verified": True}, "pasted config, verified"),
        ({"source": "user_provided"}, "pasted config, not verified against the Hub"),
        ({"source": "catalog", "revision": "0123456789abcdef"}, "kept here, revision 01234567"),
        ({"source": "huggingface", "notices": ("The token is stale.",)}, "The token is stale."),
    ],
)
def test_where_the_config_came_from_is_said(resolved: dict[str, Any], words: str) -> None:
    assert words in plain(shown(calculated(), **resolved))


def test_what_is_doubtful_about_the_config_stands_once_and_before_the_numbers() -> None:
    doubt = "It may be the config of another model."
    report = dataclasses.replace(calculated(), notices=(doubt, "Of this workload."))
    analysis = dataclasses.replace(analyzed(), reports=(report,))
    for text in (plain(shown(one, notices=(doubt,))) for one in (report, analysis)):
        assert text.count(doubt) == 1
        assert text.index(doubt) < text.index("Weights") < text.index("Of this workload.")


def test_parameters_workload_and_basis_are_said() -> None:
    text = plain(shown(calculated(batch_size=4, precision="int8")))
    assert "8b exact for this config 8.03B parameters · decoder-only · GQA" in text
    assert "batch size 4 · 2,048 tokens of context · int8 · transformers" in text


def test_an_estimate_is_marked_with_why() -> None:
    exact = calculated()
    assert exact.basis == "exact"
    undescribed = dataclasses.replace(exact.architecture, basis="estimate", computed={})
    html = shown(dataclasses.replace(exact, architecture=undescribed, notices=("This type isn't described.",)))
    assert "budsim-badge-exact" not in html
    assert "budsim-badge-estimate" in html
    assert "This type isn&#x27;t described." in html


class Recommending(RecommendingReport):
    """Recommends what its notes say, and has the name of its model for every detail."""

    @property
    def recommendations(self) -> tuple[str, ...]:
        return self.notes * 2

    @property
    def details(self) -> dict[str, str]:
        return dict.fromkeys(super().details, self.model_id or "")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_are_harmless_wherever_they_come_from(text: str) -> None:
    report = measure(build(CONFIGS["8b"]), Workload(), answer=Recommending)
    report = dataclasses.replace(report, model_id=text, notices=(text,))
    told = {"notices": (text,), "revision": text, "model_id": text}
    assert_harmless(shown(report, **told))
    assert_harmless(shown(dataclasses.replace(analyzed(), reports=(report,), insights=(text,)), **told))
    failure = ComparisonRow(model_id=text, error=ModelNotFoundError(text, next_step=text, model_id=text, url=text))
    rows = (ComparisonRow(model_id=text, report=report), failure)
    assert_harmless(shown(ComparisonReport(rows=rows, workload=Workload()), find("T4")))


@given(
    batch_size=st.integers(1, 10_000),
    seq_length=st.integers(1, 10_000_000),
    capacity=st.integers(0, 2 * 10**15),
    name=st.sampled_from(sorted(CONFIGS)),
)
def test_the_parts_of_a_bar_fill_its_share_of_the_scale(
    name: str, batch_size: int, seq_length: int, capacity: int
) -> None:
    report = calculated(name, batch_size=batch_size, seq_length=seq_length)
    scale = max(report.total_bytes, capacity)
    widths = [
        float(str(attributes["width"]).rstrip("%"))
        for element, attributes in Elements(total_bar(segments_of(report), capacity, scale)).found
        if element == "rect"
    ]
    assert len(widths) == 1 + len(segments_of(report))
    assert sum(widths[1:]) == pytest.approx(100 * report.total_bytes / scale, abs=0.01)
    assert sum(part.num_bytes for part in segments_of(report)) == report.total_bytes


def test_a_column_has_one_unit_and_every_number_in_full_to_hover_over() -> None:
    report = calculated()
    html = shown(report, find("L4 24GB"))
    assert "Part GiB Share Basis Detail" in plain(html)
    assert f"{report.weight_bytes:,} bytes" in html
    assert "KV cache 0.25 " in plain(html)


def test_what_is_estimated_is_striped_and_said_to_be() -> None:
    report = calculated()
    patterns = [
        attributes
        for name, attributes in Elements(total_bar(segments_of(report), 0, report.total_bytes)).found
        if name == "pattern"
    ]
    assert len(patterns) == sum(not part.is_exact for part in segments_of(report)) == 2
    assert "striped: estimated" in plain(shown(report))


def test_the_bar_says_what_is_full_and_what_is_free() -> None:
    card = find("L4 24GB")
    text = plain(shown(calculated(), card))
    assert f"{card.label}: {format_bytes(card.usable_bytes)}" in text
    assert text.count("GiB free") >= 2


def test_tight_says_between_what_the_estimates_lie() -> None:
    report = calculated()
    card = Accelerator(name="my card", memory_gib=report.total_bytes / GIB + 0.01)
    text = plain(shown(report, card))
    assert text.startswith("Tight on one my card")
    low, high = report.total_bytes_range
    assert f"It takes {low / GIB:.2f} GiB to {high / GIB:.2f} GiB" in text


def test_a_comparison_names_its_workload_marks_the_least_and_says_where_each_fits() -> None:
    report = compared("8b", "0.5b")
    text = plain(shown(report))
    assert "batch size 1 \u00b7 2,048 tokens of context" in text
    assert "0.5b least" in text
    assert "NVIDIA RTX 3060 12GB" in text
    on_card = plain(shown(report, find("RTX 4060 8GB")))
    assert "does not fit" in on_card
    assert "4 of them would do" in on_card
    assert "fits, 6." in on_card


def test_a_comparison_counts_what_fits_and_what_is_tight() -> None:
    both = compared("8b", "0.5b")
    larger = next(row.report for row in both.rows if row.model_id == "8b" and row.report)
    card = Accelerator(name="my card", memory_gib=larger.total_bytes / GIB + 0.01)
    assert fitted(larger, card).verdict == "tight"
    assert comparison_verdict(both, card).sentence == "1 of 2 fits on one my card, 1 tight"


def test_long_ids_are_seen_short_and_said_whole() -> None:
    long, same, other = "owner-of-many-models/Name-8B", "first/same", "second/same"
    rows = tuple(ComparisonRow(model_id=name, report=calculated("8b")) for name in (long, same, other))
    html = shown(ComparisonReport(rows=rows, workload=Workload()))
    assert html.count(f'<span title="{long}" aria-hidden="true">Name-8B</span>') == 2
    assert html.count(f'<span class="budsim-unseen">{long}</span>') == 2
    assert html.count(f'aria-hidden="true">{same}</span>') == html.count(f'aria-hidden="true">{other}</span>') == 2


def test_what_is_exact_is_so_for_the_config_and_what_is_verified_is_so_against_the_hub() -> None:
    text = plain(shown(calculated(), source="user_provided"))
    assert "exact for this config" in text
    assert "pasted config, not verified against the Hub" in text


def test_advice_speaks_of_the_form_and_not_of_python() -> None:
    text = plain(shown(analyzed()))
    assert "seq_length=" not in text
    assert "precision=" not in text
    assert "context 65,536 saves" in text
