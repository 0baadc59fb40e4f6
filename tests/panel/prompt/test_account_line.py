"""The paste box says which account and token were used; it waits for nothing, and holds no token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import ipywidgets
import pytest
from hub.repos import FINE_GRAINED_TOKEN, LLAMA_3_1_8B, MEMBER_TOKEN, NEWCOMER_TOKEN, STALE_TOKEN
from hub.scenario import Repo, Status

from budsim_widgets.hub import HubAccount
from budsim_widgets.panel.prompt.account_line import account_html
from panel.shown import assert_harmless, html_of, plain, text_of, until

if TYPE_CHECKING:
    from hub.loopback import LoopbackHub

    from budsim_widgets.panel import MemoryPanel

GATED = "meta-llama/Llama-3.1-8B"
PAGE = "https://huggingface.co/settings/tokens"
RIGHT = "Read access to contents of all public gated repos you can access"


async def open_gate(panel: MemoryPanel) -> str:
    panel.model_input.value = GATED
    panel.calculate_button.click()
    await panel.idle()
    assert panel.prompt.visible
    await panel.prompt.account_line.idle()
    return text_of(panel.prompt)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (NEWCOMER_TOKEN, "Logged in as newcomer, with the read token in HF_TOKEN."),
        (
            FINE_GRAINED_TOKEN,
            "Logged in as fine-grained, with the fine-grained token in HF_TOKEN.",
        ),
        (STALE_TOKEN, "Nobody is logged in: the Hub doesn't know the token in HF_TOKEN."),
    ],
)
async def test_the_gate_says_who_is_logged_in(
    panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch, token: str, said: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    shown = await open_gate(panel)
    assert said in shown
    assert token not in html_of(panel)


@pytest.mark.parametrize("token", [FINE_GRAINED_TOKEN, STALE_TOKEN])
async def test_what_to_do_about_the_token_is_said_once(
    panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    shown = await open_gate(panel)
    assert shown.count("/settings/tokens") == 1
    assert shown.count("may not read gated models") == (token == FINE_GRAINED_TOKEN)


async def test_without_a_token_there_is_no_line(panel: MemoryPanel, loopback_hub: LoopbackHub) -> None:
    await open_gate(panel)
    assert panel.prompt.account_line.html == ""
    assert not [one for one in loopback_hub.requests if "whoami" in one.path]


async def test_a_hub_that_tells_nothing_leaves_the_box_as_it_is(
    panel: MemoryPanel, loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    loopback_hub.put(Repo(model_id="acme/down", fault=Status(code=503)))
    panel.model_input.value = "acme/down"
    loopback_hub.fault = Status(code=503)
    panel.calculate_button.click()
    await panel.idle()
    await panel.prompt.account_line.idle()
    assert panel.prompt.visible
    assert panel.prompt.account_line.html == ""
    assert panel.prompt.error is None


async def test_a_paste_does_not_wait_for_the_account(
    panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch, loopback_hub: LoopbackHub
) -> None:
    monkeypatch.setenv("HF_TOKEN", NEWCOMER_TOKEN)
    asked = []

    def never(*_: object, **__: object) -> None:
        asked.append(loopback_hub.stopping.wait(30))

    monkeypatch.setattr(panel._actions.resolver.hub, "fetch_account", never)
    panel.model_input.value = GATED
    panel.calculate_button.click()
    await panel.idle()
    panel.prompt.text_input.value = json.dumps(LLAMA_3_1_8B)
    panel.prompt.submit_button.click()
    await panel.idle()
    assert panel.result.model_id == GATED
    assert not panel.prompt.visible
    assert panel.prompt.account_line.html == ""
    loopback_hub.stopping.set()
    await until(lambda: bool(asked))


async def test_a_mended_token_is_seen_at_the_next_try(panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", STALE_TOKEN)
    assert "Nobody is logged in" in await open_gate(panel)
    monkeypatch.setenv("HF_TOKEN", NEWCOMER_TOKEN)
    panel.prompt.retry_button.click()
    await panel.idle()
    await panel.prompt.account_line.idle()
    assert "Logged in as newcomer" in text_of(panel.prompt)


@pytest.mark.parametrize("token", [MEMBER_TOKEN, FINE_GRAINED_TOKEN, STALE_TOKEN])
async def test_no_widget_holds_the_token(panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    panel.model_input.value = "google/gemma-3-4b-it"
    panel.calculate_button.click()
    await panel.idle()
    await panel.prompt.account_line.idle()
    state = str(ipywidgets.Widget.get_manager_state())
    assert token not in state
    assert "@example.org" not in state


def test_what_is_wrong_with_a_token_comes_with_its_next_step() -> None:
    unknown = HubAccount(name=None, source="the saved login", tokens_page=PAGE)
    said = plain(account_html(unknown))
    assert said == (
        "Nobody is logged in: the Hub doesn't know the token in the saved login. It may be expired or mistyped: renew "
        f"it at {PAGE} , then try again."
    )
    lacking = HubAccount(name="jane", role="fineGrained", can_read_gated=False, source="HF_TOKEN", tokens_page=PAGE)
    assert "This token may not read gated models. Tick" in plain(account_html(lacking))
    assert RIGHT in plain(account_html(lacking))
    assert f'href="{PAGE}"' in account_html(lacking)
    assert_harmless(account_html(lacking))


def test_a_login_that_an_environment_variable_hides_is_named() -> None:
    found = HubAccount(name="jane", role="write", source="HF_TOKEN", hides_saved_login=True, tokens_page=PAGE)
    assert plain(account_html(found)) == (
        "Logged in as jane, with the write token in HF_TOKEN. HF_TOKEN goes before the saved login."
    )
