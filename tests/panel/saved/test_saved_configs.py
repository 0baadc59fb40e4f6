"""The view of saved configs: what is listed, found, edited, restored and forgotten."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING

import pytest
from hub.repos import GEMMA_3_4B_IT, LLAMA_3_1_8B, MEMBER_TOKEN, QWEN_2_5_0_5B
from hub.scenario import Status

from budsim_widgets.panel.saved.config_list import ROWS_PER_PAGE
from budsim_widgets.panel.saved.saved_configs import SavedConfigs
from panel.shown import HOSTILE, assert_harmless, html_of, plain, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.loopback import LoopbackHub

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import MemoryPanel

LLAMA, LLAMA_70B = "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B"


def unfold(saved: SavedConfigs, model_id: str) -> None:
    next(row for row in saved.list.rows if row.button.description == model_id).button.click()


def names(saved: SavedConfigs) -> list[str]:
    return [row.button.description for row in saved.list.rows]


async def test_it_lists_what_is_kept_with_source_state_and_size(saved: SavedConfigs) -> None:
    await saved.idle()
    assert names(saved) == [LLAMA_70B, LLAMA, "mistralai/Mistral-7B-v0.3"]
    shown = [plain(row.children[1].value) for row in saved.list.rows]
    assert shown[0].startswith("8.03B differs pasted here")
    assert shown[2].startswith("7.25B not compared imported from team.json")
    assert "3 saved configs" in text_of(saved)


async def test_opening_it_compares_what_never_was(saved: SavedConfigs) -> None:
    saved.show_saved()
    await saved.idle()
    assert [plain(row.children[1].value).split()[1] for row in saved.list.rows] == ["differs", "verified", "verified"]


async def test_a_hub_that_is_down_changes_nothing(saved: SavedConfigs, loopback_hub: LoopbackHub) -> None:
    loopback_hub.fault = Status()
    saved.show_saved()
    await saved.idle()
    assert saved.error is None
    assert "not compared" in text_of(saved)


def test_an_empty_store_says_what_will_stand_here(actions: Actions) -> None:
    assert "No config is saved yet" in text_of(SavedConfigs(actions))


def test_search_looks_for_all_words_anywhere(saved: SavedConfigs) -> None:
    saved.list.search_input.value = "LLAMA 8b"
    assert names(saved) == [LLAMA]
    saved.list.search_input.value = "team.json"
    assert names(saved) == ["mistralai/Mistral-7B-v0.3"]
    saved.list.search_input.value = "nothing like it"
    assert "None of 3 saved configs matches 'nothing like it'" in text_of(saved)
    saved.list.search_input.value = ""
    assert len(names(saved)) == 3


def test_many_are_shown_by_the_page(actions: Actions) -> None:
    for number in range(25):
        actions.resolver.store.put(f"example/model-{number:02}", QWEN_2_5_0_5B)
    saved = SavedConfigs(actions)
    assert len(names(saved)) == ROWS_PER_PAGE
    assert "1 to 10 of 25" in text_of(saved)
    saved.list.next_button.click()
    saved.list.next_button.click()
    assert names(saved) == [f"example/model-{number}" for number in range(20, 25)]
    assert saved.list.next_button.disabled
    saved.list.previous_button.click()
    assert "11 to 20 of 25" in text_of(saved)
    saved.list.search_input.value = "model-0"
    assert "10 saved configs that match, of 25" in text_of(saved)


def test_a_row_unfolds_and_folds(saved: SavedConfigs) -> None:
    unfold(saved, LLAMA)
    assert saved.chosen == LLAMA
    assert "Version 2" in text_of(saved)
    unfold(saved, LLAMA)
    assert saved.chosen is None
    assert "Version 2" not in text_of(saved)


async def test_an_edit_that_is_refused_keeps_the_text_and_the_config(saved: SavedConfigs, actions: Actions) -> None:
    unfold(saved, LLAMA)
    saved.detail.edit_button.click()
    assert json.loads(saved.detail.text_input.value) == LLAMA_3_1_8B
    wrong = json.dumps({**LLAMA_3_1_8B, "hidden_size": "wide"})
    saved.detail.text_input.value = wrong
    saved.detail.save_button.click()
    await saved.idle()
    assert "budsim-alert" in html_of(saved)
    assert "hidden_size" in text_of(saved)
    assert saved.detail.text_input.value == wrong
    stored = actions.resolver.store.get(LLAMA)
    assert stored is not None
    assert stored.config == LLAMA_3_1_8B


def test_leaving_a_form_returns_the_focus_to_the_button_that_opened_it(
    saved: SavedConfigs, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = saved.detail
    focused: list[str] = []
    for opener in (detail.edit_button, detail.forget_button):
        monkeypatch.setattr(opener, "focus", lambda name=opener.description: focused.append(name))
    unfold(saved, LLAMA)
    for opener, leave in ((detail.edit_button, detail.cancel_button), (detail.forget_button, detail.keep_button)):
        opener.click()
        leave.click()
    assert focused == ["Edit", "Forget"]


async def test_an_edit_is_compared_with_the_hub_like_a_paste(saved: SavedConfigs, actions: Actions) -> None:
    unfold(saved, LLAMA)
    saved.detail.edit_button.click()
    saved.detail.text_input.value = json.dumps({**LLAMA_3_1_8B, "num_hidden_layers": 30})
    saved.detail.save_button.click()
    await saved.idle()
    assert "It would agree with 32 layers in place of 30" in text_of(saved)
    assert saved.detail.text_input.value == ""
    assert [one.version for one in actions.saved.history(LLAMA)] == [3, 2, 1]


async def test_a_token_is_refused_and_does_not_stay_in_the_box(saved: SavedConfigs) -> None:
    unfold(saved, LLAMA)
    saved.detail.edit_button.click()
    saved.detail.text_input.value = json.dumps({**LLAMA_3_1_8B, "x": MEMBER_TOKEN})
    saved.detail.save_button.click()
    await saved.idle()
    assert saved.detail.text_input.value == ""
    assert MEMBER_TOKEN not in html_of(saved)


async def test_history_shows_what_changed_and_restores(saved: SavedConfigs, actions: Actions) -> None:
    unfold(saved, LLAMA)
    saved.detail.history_button.click()
    assert "Parameters 4.54B 8.03B +3.49B" in text_of(saved)
    assert "num_hidden_layers 16 32" in text_of(saved)
    saved.detail.restore_button.click()
    await saved.idle()
    assert "Version 1 counts again, as version 3." in text_of(saved)
    assert actions.calculate(LLAMA).num_parameters == 4_540_469_248


def test_a_config_without_history_says_so(saved: SavedConfigs) -> None:
    unfold(saved, LLAMA_70B)
    saved.detail.history_button.click()
    assert "There is no earlier version" in text_of(saved)
    assert saved.detail.restore_button.layout.display == "none"


async def test_forgetting_asks_once(saved: SavedConfigs, actions: Actions) -> None:
    unfold(saved, LLAMA)
    saved.detail.forget_button.click()
    assert "and its 1 earlier version?" in text_of(saved)
    saved.detail.keep_button.click()
    assert actions.check_config(LLAMA).has_config
    saved.detail.forget_button.click()
    saved.detail.confirm_button.click()
    await saved.idle()
    assert f"The config of {LLAMA} is forgotten." in text_of(saved)
    assert LLAMA not in names(saved)
    assert not actions.check_config(LLAMA).has_config


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_strings_are_shown_as_they_are(actions: Actions, hostile: str) -> None:
    name = hostile if hostile.strip() and hostile.isprintable() else "x"
    store = actions.resolver.store
    store.put(name, {**LLAMA_3_1_8B, "old": 1}, contributor=hostile, source_format=hostile[:20])
    store.put(name, {**LLAMA_3_1_8B, hostile or "x": hostile}, contributor=hostile, source_format=hostile[:20])
    saved = SavedConfigs(actions, use=lambda _: None)
    saved.list.rows[0].button.click()
    for button in (saved.detail.history_button, saved.detail.forget_button, saved.detail.edit_button):
        button.click()
        shown = re.sub(r"<style>.*?</style>", "", html_of(saved), flags=re.DOTALL)
        assert_harmless(shown)
        await saved.idle()
    saved.list.search_input.value = hostile
    assert_harmless(re.sub(r"<style>.*?</style>", "", html_of(saved), flags=re.DOTALL))


def test_every_field_has_a_label(saved: SavedConfigs) -> None:
    detail = saved.detail
    for field in (saved.list.search_input, detail.text_input, detail.version_input, saved.import_input):
        assert field.description


def test_a_store_that_cannot_be_read_is_told(saved: SavedConfigs, actions: Actions) -> None:
    actions.resolver.store.path.write_text(json.dumps({"meta": {"1": {"schema_version": 99}}}), "utf-8")
    unfold(saved, LLAMA)
    saved.detail.history_button.click()
    assert saved.error is not None
    assert "newer budsim-widgets" in text_of(saved)


def test_a_panel_makes_it_when_it_is_opened(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel()
    assert "Saved configs" not in text_of(panel)
    panel.saved_button.click()
    assert panel.saved.is_open
    assert "Saved configs" in text_of(panel)
    panel.saved.close_button.click()
    assert not panel.saved.is_open
    assert "Saved configs" not in text_of(panel)


async def test_using_one_puts_it_into_the_panel(make_panel: Callable[..., MemoryPanel], actions: Actions) -> None:
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    panel = make_panel()
    panel.saved_button.click()
    unfold(panel.saved, LLAMA)
    panel.saved.detail.use_button.click()
    assert panel.model_input.value == LLAMA
    assert not panel.saved.is_open
    panel.calculate_button.click()
    await asyncio.wait_for(panel.idle(), 60)
    assert panel.result.num_parameters == 8_030_261_248


def test_a_closed_view_keeps_no_text(saved: SavedConfigs, actions: Actions) -> None:
    actions.resolver.store.put("google/gemma-3-4b-it", GEMMA_3_4B_IT)
    saved.show_saved()
    unfold(saved, "google/gemma-3-4b-it")
    saved.detail.edit_button.click()
    saved.clear()
    assert saved.detail.text_input.value == ""
    assert "data:" not in html_of(saved)
