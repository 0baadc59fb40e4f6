"""What the gate offers beside the paste: the file's own page, another try after a login, public copies."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hub.repos import CATALOGUE, LLAMA_3_1_8B, MEMBER_TOKEN
from hub.scenario import Repo

from panel.shown import Elements, assert_harmless, html_of, text_of, visible_widgets

if TYPE_CHECKING:
    from hub.loopback import LoopbackHub

    from budsim_widgets.panel import MemoryPanel

GATED = "meta-llama/Llama-3.1-8B"
COPY = "example/llama-copy"
PARAMETERS = (("BF16", 8_030_261_248),)


@pytest.fixture
async def gate(panel: MemoryPanel) -> MemoryPanel:
    panel.model_input.value = GATED
    panel.calculate_button.click()
    await panel.idle()
    assert panel.prompt.visible
    return panel


def put_copy(hub: LoopbackHub, **config: object) -> None:
    content = json.dumps({**LLAMA_3_1_8B, "unsloth_fixed": True, **config}).encode()
    hub.put(Repo(model_id=COPY, base_model=GATED, parameters=PARAMETERS, files=(("config.json", content),)))


async def look(panel: MemoryPanel) -> None:
    panel.prompt.copy_buttons.search.click()
    await panel.idle()


def shown_buttons(panel: MemoryPanel) -> list[str]:
    return [one.description for one in visible_widgets(panel.prompt) if getattr(one, "description", "")]


async def test_it_links_to_the_file_itself(gate: MemoryPanel, loopback_hub: LoopbackHub) -> None:
    links = [attributes.get("href") for name, attributes in Elements(html_of(gate.prompt)).found if name == "a"]
    assert f"{loopback_hub.endpoint}/{GATED}/blob/main/config.json" in links


@pytest.mark.parametrize(
    ("asked", "revision"),
    [(f"{GATED}@v1.0", "v1.0"), (f"https://huggingface.co/{GATED}/blob/refs%2Fpr%2F3/config.json", "refs%2Fpr%2F3")],
)
async def test_the_link_leads_to_the_revision_that_was_asked_for(
    panel: MemoryPanel, loopback_hub: LoopbackHub, asked: str, revision: str
) -> None:
    gated = next(repo for repo in CATALOGUE if repo.model_id == GATED)
    loopback_hub.put(replace(gated, branches=("main", "v1.0", "refs/pr/3")))
    panel.model_input.value = asked
    panel.calculate_button.click()
    await panel.idle()
    assert f'href="{loopback_hub.endpoint}/{GATED}/blob/{revision}/config.json"' in html_of(panel.prompt)


async def test_after_a_login_elsewhere_another_try_goes_on(gate: MemoryPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.prompt.retry_button.click()
    await gate.idle()
    assert gate.prompt.visible, "nobody has logged in yet"
    assert "asked again, and its answer is the same" in text_of(gate)
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    gate.prompt.retry_button.click()
    await gate.idle()
    assert not gate.prompt.visible
    assert gate.result.model_id == GATED


async def test_after_a_login_that_was_not_granted_access_the_answer_is_another_one(
    panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.model_input.value = "google/gemma-3-4b-it"
    panel.calculate_button.click()
    await panel.idle()
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    panel.prompt.retry_button.click()
    await panel.idle()
    assert panel.prompt.visible
    assert "rejected the request" in text_of(panel)
    assert "its answer is the same" not in text_of(panel)


async def test_another_try_keeps_what_is_pasted(gate: MemoryPanel) -> None:
    gate.prompt.text_input.value = "{half of a config"
    gate.prompt.retry_button.click()
    await gate.idle()
    assert gate.prompt.text_input.value == "{half of a config"


async def test_copies_are_looked_for_only_at_a_click(gate: MemoryPanel, loopback_hub: LoopbackHub) -> None:
    put_copy(loopback_hub)
    assert not [one for one in loopback_hub.requests if one.path.startswith("/api/models?")]
    assert not [one for one in shown_buttons(gate) if COPY in one]
    await look(gate)
    assert f"Use the config of {COPY}" in shown_buttons(gate)


async def test_a_click_takes_the_config_of_a_copy_says_so_and_goes_on(
    gate: MemoryPanel, loopback_hub: LoopbackHub
) -> None:
    put_copy(loopback_hub)
    await look(gate)
    next(one for one in visible_widgets(gate.prompt) if COPY in getattr(one, "description", "")).click()
    await gate.idle()
    assert not gate.prompt.visible
    assert gate.result.model_id == GATED
    assert gate.result.num_parameters == PARAMETERS[0][1]
    assert f"It is copied from {COPY}." in text_of(gate)
    assert f"config copied from {COPY}, verified" in text_of(gate)
    assert gate.result.config_source == "copy"
    assert "Verified: it has as many parameters as the Hub publishes." in text_of(gate)


async def test_a_copy_with_another_config_is_doubted(gate: MemoryPanel, loopback_hub: LoopbackHub) -> None:
    put_copy(loopback_hub, num_hidden_layers=16)
    await look(gate)
    next(one for one in visible_widgets(gate.prompt) if COPY in getattr(one, "description", "")).click()
    await gate.idle()
    assert "the Hub publishes" in text_of(gate)
    assert "Verified" not in text_of(gate)


async def test_where_there_is_no_copy_it_is_said(gate: MemoryPanel) -> None:
    await look(gate)
    assert "The Hub lists no public copy" in text_of(gate)
    assert_harmless(html_of(gate.prompt))


async def test_only_a_gate_offers_copies(panel: MemoryPanel) -> None:
    panel.model_input.value = "no/such-model"
    panel.calculate_button.click()
    await panel.idle()
    assert panel.prompt.visible
    assert "Find public copies" not in shown_buttons(panel)
    assert "Try again" in shown_buttons(panel)
