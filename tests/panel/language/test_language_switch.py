"""A panel whose language nobody chose speaks the browser's, and loses nothing that a person typed or chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import LLAMA_3_1_8B

from budsim_widgets.panel import ConfigPrompt, MemoryPanel
from budsim_widgets.panel.closing import parts_of
from budsim_widgets.panel.frontend import Frontend
from budsim_widgets.panel.language.html_texts import map_html
from budsim_widgets.panel.saved.saved_configs import SavedConfigs
from budsim_widgets.translation import catalogue, catalogue_of, language_of_browser
from panel.pseudo import pseudo_language, texts_of
from panel.shown import text_of
from panel.test_languages import assert_marked

if TYPE_CHECKING:
    from collections.abc import Callable

    import ipywidgets

    from budsim_widgets.actions import Actions

GATED, PUBLIC = "meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-7B"


def say_languages(view: ipywidgets.Widget, *preferred: str, page: str = "en") -> None:
    """What the module in the browser sends when the view is shown."""
    for one in parts_of(view):
        if isinstance(one, Frontend):
            one._handle_custom_msg({"page": page, "preferred": list(preferred)}, [])


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes "zh" a language in which every sentence is marked."""
    language = pseudo_language()
    monkeypatch.setattr(catalogue, "_loaded", lambda _: language)


async def click(panel: MemoryPanel, button: Any) -> None:
    button.click()
    await panel.idle()


async def first_screen(_: MemoryPanel) -> None:
    """Nothing was done yet."""


async def result(panel: MemoryPanel) -> None:
    panel.model_input.value, panel.accelerator_input.value = PUBLIC, "RTX 4090"
    await click(panel, panel.calculate_button)
    panel.precisions_button.click()


async def stale_result(panel: MemoryPanel) -> None:
    await result(panel)
    panel.model_input.value = GATED


async def gate(panel: MemoryPanel) -> None:
    panel.model_input.value = GATED
    await click(panel, panel.calculate_button)
    panel.prompt.text_input.value = "{ half of a config"


async def refused_paste(panel: MemoryPanel) -> None:
    await gate(panel)
    await click(panel, panel.prompt.submit_button)


async def comparison(panel: MemoryPanel) -> None:
    panel.compare_input.value = f"{PUBLIC}\nQwen/Qwen2.5-0.5B"
    await click(panel, panel.compare_button)


async def training(panel: MemoryPanel) -> None:
    panel.model_input.value = PUBLIC
    panel.use_input.value = panel.use_input.options[1][1]
    panel.method_input.value = "qlora"
    await click(panel, panel.finetune_button)


async def saved_configs(panel: MemoryPanel) -> None:
    panel._actions.resolver.store.put(GATED, LLAMA_3_1_8B)
    await click(panel, panel.saved_button)
    panel.saved.list.rows[0].button.click()


async def not_found(panel: MemoryPanel) -> None:
    panel.model_input.value = "two words"
    await click(panel, panel.calculate_button)


STATES = (first_screen, result, stale_result, gate, refused_paste, comparison, training, saved_configs, not_found)


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("state", STATES)
async def test_every_state_is_said_anew(panel: MemoryPanel, state: Callable[..., Any]) -> None:
    await state(panel)
    say_languages(panel, "zh-CN", "en")
    assert_marked(panel, "two", "words", *LLAMA_3_1_8B)


@pytest.mark.parametrize("state", STATES)
async def test_what_was_typed_and_chosen_stays_and_the_way_back_leads_to_the_same(
    panel: MemoryPanel, state: Callable[..., Any]
) -> None:
    await state(panel)
    before, said, held = list(texts_of(panel)), text_of(panel), values_of(panel)
    shown = panel.result
    say_languages(panel, "zh")
    assert values_of(panel) == held
    assert panel.result is shown, "nothing was calculated for it"
    assert list(texts_of(panel)) != before
    say_languages(panel, "en")
    assert values_of(panel) == held
    assert text_of(panel) == said
    assert list(texts_of(panel)) == before


def values_of(panel: MemoryPanel) -> dict[str, Any]:
    names = [name for name in dir(panel) if name.endswith("_input")]
    return {name: getattr(panel, name).value for name in names} | {"paste": panel.prompt.text_input.value}


async def test_what_follows_speaks_it_too(panel: MemoryPanel) -> None:
    say_languages(panel, "zh")
    await result(panel)
    assert "放得下" in text_of(panel)
    await gate(panel)
    assert "受限模型" in text_of(panel.prompt)


async def test_no_choice_is_taken_for_a_change(panel: MemoryPanel) -> None:
    heard = []
    for name in ("use_input", "method_input", "sharding_input", "model_input"):
        getattr(panel, name).observe(heard.append, "value")
    panel.method_input.index = 2
    heard.clear()
    say_languages(panel, "zh")
    assert heard == []
    assert panel.method_input.label == panel.method_input._options_labels[2]


@pytest.mark.parametrize("chosen", ["argument", "environment"])
def test_a_language_that_somebody_chose_stays(
    make_panel: Callable[..., MemoryPanel], monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    if chosen == "environment":
        monkeypatch.setenv("BUDSIM_LANGUAGE", "en")
    panel = make_panel(language="en" if chosen == "argument" else None)
    say_languages(panel, "zh", page="zh-CN")
    assert panel.calculate_button.description == "Calculate memory"


@pytest.mark.parametrize(
    "message",
    [
        {"page": "zh"},
        {"page": "tlh", "preferred": []},
        {"page": "", "preferred": ["", "x" * 999, "../../etc/passwd", "<b>"]},
        {"page": None, "preferred": [None, 3, {}]},
        {"page": "en", "preferred": None},
        "zh",
        None,
    ],
)
def test_what_is_no_language_changes_nothing(panel: MemoryPanel, message: Any) -> None:
    panel._view.frontend._handle_custom_msg(message, [])
    assert panel.calculate_button.description == "Calculate memory"


def test_a_box_and_saved_configs_of_their_own_follow_too(actions: Actions) -> None:
    prompt, saved = ConfigPrompt(actions), SavedConfigs(actions)
    for view in (prompt, saved):
        say_languages(view, "zh")
    assert prompt.submit_button.description == catalogue_of("zh").sentence("Submit configuration")
    assert saved.team_button.description == catalogue_of("zh").sentence("Team")


@pytest.mark.parametrize(
    ("page", "preferred", "spoken"),
    [
        ("zh-CN", ("en",), "zh"),
        ("zh_CN", (), "zh"),
        ("en", ("zh-TW",), "zh"),
        ("en", ("de", "zh"), "zh"),
        ("en", ("en-GB", "zh"), "en"),
        ("fr", ("fr", "en"), "en"),
        ("fr", ("fr",), None),
        ("", (), None),
    ],
)
def test_jupyterlabs_own_language_goes_before_the_browsers(
    page: str, preferred: tuple[str, ...], spoken: str | None
) -> None:
    assert language_of_browser(page, preferred) == spoken


def test_html_keeps_its_markup_and_what_it_escapes() -> None:
    html = '<p title="a &amp; b">a &lt;b&gt; <a href="https://x/a">a</a></p><style>.a{b:c}</style>'
    told = '<p title="A &amp; B">A &lt;B&gt; <a href="https://x/a">A</a></p><style>.a{b:c}</style>'
    assert map_html(html, str.upper) == told
