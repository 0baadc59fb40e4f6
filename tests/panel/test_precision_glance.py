"""The row of precisions: which it has, what it says of each, when its verdicts hold, what a click does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets
import pytest

from budsim_widgets.fitting import compare_precisions
from budsim_widgets.fitting.sentences import place_words
from budsim_widgets.hardware import find
from budsim_widgets.panel.precision_glance import question_of
from budsim_widgets.translation import in_language, language_of
from panel.shown import plain, visible_widgets

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.panel import MemoryPanel
    from budsim_widgets.panel.frontend import PrecisionChips

PUBLIC = "Qwen/Qwen2.5-7B"
ENGINES = ("transformers", "vllm", "sglang", "llama.cpp")


def calculated(panel: MemoryPanel) -> PrecisionChips:
    panel.model_input.value = PUBLIC
    panel.calculate_button.click()
    return panel.precision_chips


def verdicts(chips: PrecisionChips) -> dict[str, str]:
    return {chip["precision"]: chip["kind"] for chip in chips.chips}


def is_shown(panel: MemoryPanel) -> bool:
    return panel.precision_chips in set(visible_widgets(panel))


@pytest.mark.parametrize("engine", ENGINES)
def test_every_precision_that_the_engine_runs_has_the_verdict_of_a_comparison(panel: MemoryPanel, engine: str) -> None:
    panel.engine_input.value, panel.accelerator_input.value = engine, "RTX 3060 12GB"
    chips = calculated(panel)
    card, report = find("RTX 3060 12GB"), panel.result
    kinds = {"fits": "fits", "tight": "tight", "does_not_fit": "not"}
    expected = {
        row.precision: kinds[row.verdict]
        for row in compare_precisions(report.architecture, replace(report.workload, accelerator=card), card).rows
        if row.verdict
    }
    assert verdicts(chips) == expected
    assert {chip["precision"] for chip in chips.chips} <= set(panel.precision_input.options)
    for chip in chips.chips:
        assert chip["said"].startswith(chip["words"])
        assert "iB" in chip["said"]
        assert chip["sign"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("card", ["RTX 4060 8GB", "RTX 4090", "H100 80GB"])
def test_the_chosen_one_says_what_the_answer_says(panel: MemoryPanel, engine: str, card: str) -> None:
    panel.engine_input.value, panel.accelerator_input.value = engine, card
    chips = calculated(panel)
    panel.precisions_button.click()
    for chip in chips.chips[:7]:
        panel.precision_input.value = chip["precision"]
        assert chips.chosen == chip["precision"]
        assert chip["said"] == place_words(panel.fit_report.verdict, panel.fit_report.free_bytes)
        assert chip["said"] in plain(panel._view.precisions._table.value)


def test_of_many_the_usual_ones_stand_first(panel: MemoryPanel) -> None:
    panel.engine_input.value, panel.accelerator_input.value = "llama.cpp", "RTX 4090"
    names = [chip["precision"] for chip in calculated(panel).chips]
    assert names[:7] == ["bf16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M"]
    assert len(set(names)) == len(names) > 30


def test_without_an_accelerator_each_says_how_much_it_takes(panel: MemoryPanel) -> None:
    chips = calculated(panel)
    assert is_shown(panel)
    assert set(verdicts(chips).values()) == {""}
    assert all(chip["words"].endswith("iB") and not chip["sign"] for chip in chips.chips)
    assert chips.question == "Total memory by precision"


def test_the_precision_of_the_result_is_the_chosen_one(panel: MemoryPanel) -> None:
    panel.accelerator_input.value = "RTX 4090"
    chips = calculated(panel)
    assert (panel.precision_input.value, chips.chosen) == ("auto", "bf16")
    panel.precision_input.value = "int4"
    assert chips.chosen == "int4"


def test_a_click_changes_the_field_and_the_result(panel: MemoryPanel) -> None:
    panel.engine_input.value, panel.accelerator_input.value = "llama.cpp", "RTX 3060 12GB"
    chips = calculated(panel)
    assert panel.fit_report.verdict == "does_not_fit"
    chips._handle_custom_msg({"precision": "Q4_K_M"}, [])
    assert panel.precision_input.value == chips.chosen == panel.result.workload.precision == "Q4_K_M"
    assert panel.fit_report.verdict == "fits"


@pytest.mark.parametrize("message", [None, "Q4_K_M", {"precision": "fp64"}, {"precision": ["bf16"]}, {"other": "bf16"}])
def test_a_message_that_names_no_chip_changes_nothing(panel: MemoryPanel, message: Any) -> None:
    chips = calculated(panel)
    chips._handle_custom_msg(message, [])
    assert panel.precision_input.value == "auto"
    with pytest.raises(KeyError):
        chips.click("fp64")


async def test_no_verdict_of_other_numbers_is_shown_while_a_slider_is_dragged(panel: MemoryPanel) -> None:
    panel.accelerator_input.value = "RTX 4060 8GB"
    chips = calculated(panel)
    await panel.idle()
    before = chips.chips
    for tokens in (4096, 65_536, 262_144):
        panel.context_slider.value = tokens
        assert not chips.is_settled
        assert chips.chips is before
    await panel.idle()
    assert chips.is_settled
    assert verdicts(chips)["int4"] == "not"
    panel.context_slider.value = 512
    await asyncio.sleep(0.4)
    assert chips.is_settled
    assert verdicts(chips)["int4"] == "fits"


async def test_another_precision_asks_nothing_new_and_another_engine_is_answered_at_once(panel: MemoryPanel) -> None:
    panel.accelerator_input.value = "RTX 4060 8GB"
    chips = calculated(panel)
    await panel.idle()
    before = verdicts(chips)
    panel.precision_input.value = "int8"
    assert (chips.is_settled, chips.chosen, verdicts(chips)) == (True, "int8", before)
    panel.engine_input.value = "vllm"
    assert chips.is_settled
    assert "int8" not in verdicts(chips)


def test_there_is_no_row_where_there_is_no_single_model(panel: MemoryPanel) -> None:
    calculated(panel)
    assert is_shown(panel)
    panel.analyze_button.click()
    assert not is_shown(panel)
    panel.calculate_button.click()
    assert is_shown(panel)


async def test_what_outlives_the_kernel_has_the_row_as_text_with_colours(panel: MemoryPanel) -> None:
    panel.accelerator_input.value = "RTX 4060 8GB"
    chips = calculated(panel)
    await panel.idle()
    panel.context_slider.value = 262_144
    page = panel._kept.page  # even before the fields have rested
    await panel.idle()
    text = plain(page)
    for chip in chips.chips:
        assert f"{chip['sign']} {chip['precision']} {chip['words']}" in text.replace("(chosen)", "")
    assert page.count('class="budsim-chip ') == len(chips.chips)
    assert text.index("Does not fit on") < text.index("Does each precision fit?") < text.index("7.62B parameters")


async def test_the_row_speaks_the_language_of_the_panel(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel(language="zh", accelerator="RTX 4060 8GB")
    chips = calculated(panel)
    await panel.idle()
    with in_language(language_of("zh")):
        said = {chip["words"] for chip in chips.chips}
    assert said <= {"放得下", "勉强", "放不下"}
    assert "precision" not in chips.question


def test_a_table_with_bytes_opens_at_a_click_and_another_question_closes_it(panel: MemoryPanel) -> None:
    panel.engine_input.value, panel.accelerator_input.value = "llama.cpp", "RTX 3060 12GB"
    calculated(panel)
    panel.precisions_button.click()
    (table,) = [one for one in visible_widgets(panel) if "budsim-precision-table" in one._dom_classes]
    assert isinstance(table, ipywidgets.HTML)
    text = plain(table.value)
    assert "Q8_0 the largest that fits fits, " in text
    assert "Longest context" in text
    assert "Layers on the GPU" in text
    panel.precision_input.value = "Q4_K_M"
    assert table.value
    panel.batch_size_input.value = 4
    assert not table.value
    panel.precisions_button.click()
    panel.precisions_button.click()
    assert not table.value


def test_without_an_accelerator_the_table_leaves_out_what_it_can_not_say(panel: MemoryPanel) -> None:
    calculated(panel)
    panel.precisions_button.click()
    text = plain(panel._view.precisions._table.value)
    assert "int4" in text
    assert "Fits" not in text
    assert "Longest context" not in text


def test_the_question_is_everything_but_the_precision(panel: MemoryPanel) -> None:
    calculated(panel)
    first = question_of(panel.result, None)
    panel.precision_input.value = "int4"
    assert question_of(panel.result, None) == first
    panel.batch_size_input.value = 7
    assert question_of(panel.result, None) != first
    assert question_of(panel.result, find("T4")) != question_of(panel.result, None)
