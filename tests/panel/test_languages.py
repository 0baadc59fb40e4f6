"""The panel in other languages: every state of it in one in which each sentence is marked."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hub.loopback_datasets import Dataset
from hub.repos import GATED_CONFIGS, LLAMA_3_1_8B, MEMBER_TOKEN

from budsim_widgets.actions import Actions
from budsim_widgets.errors import LanguageError
from budsim_widgets.hub import HubClient
from budsim_widgets.panel import ConfigPrompt, MemoryPanel
from budsim_widgets.panel.inputs.first_screen import EXAMPLES
from budsim_widgets.panel.saved.saved_configs import SavedConfigs
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore
from budsim_widgets.translation import catalogue
from panel.pseudo import pseudo_language, texts_of, unmarked_in
from panel.shown import text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub.loopback import LoopbackHub

    from budsim_widgets.translation import Catalogue

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
PUBLIC, SMALL = "Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-0.5B"
DATA = (
    *EXAMPLES,
    *(GATED, PUBLIC, SMALL, "meta-llama", "llama", "MHA", "GQA", "LoRA", "GGUF", "BF16", "fsdp"),
    *("config.json", "json", '"model_type"', '"hidden_size"', "offload", "fused"),
)


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """What "zh" is in this test."""
    language = pseudo_language()
    monkeypatch.setattr(catalogue, "_loaded", lambda _: language)
    return language


@pytest.fixture
def panel(marked: Catalogue, make_panel: Callable[..., MemoryPanel]) -> MemoryPanel:
    assert marked
    return make_panel(language="zh")


async def click(panel: MemoryPanel, button: Any, model: str | None = None) -> None:
    if model is not None:
        panel.model_input.value = model
    button.click()
    await panel.idle()


def assert_marked(widget: Any, *data: str) -> None:
    wrong = {text: found for text in texts_of(widget) if (found := unmarked_in(text, (*DATA, *data)))}
    assert wrong == {}


def test_the_first_screen(panel: MemoryPanel) -> None:
    assert_marked(panel)


@pytest.mark.parametrize("engine", ["transformers", "vllm", "sglang", "llama.cpp"])
async def test_a_result_with_each_engine(panel: MemoryPanel, engine: str) -> None:
    panel.engine_input.value = engine
    await click(panel, panel.calculate_button, PUBLIC)
    assert_marked(panel)
    panel.accelerator_input.value = "RTX 4060"
    assert_marked(panel)
    panel.precisions_button.click()
    assert_marked(panel)
    panel.accelerator_input.value = "2x RTX 4090"
    panel.seq_length_input.value = 200_000
    assert_marked(panel)
    panel.model_input.value = SMALL
    assert_marked(panel)


async def test_a_result_that_fits_nowhere(panel: MemoryPanel) -> None:
    panel.batch_size_input.value, panel.seq_length_input.value = 65_536, 131_072
    await click(panel, panel.calculate_button, PUBLIC)
    assert_marked(panel)


async def test_an_analysis(panel: MemoryPanel) -> None:
    await click(panel, panel.analyze_button, PUBLIC)
    assert_marked(panel)
    panel.accelerator_input.value = "RTX 4090"
    assert_marked(panel)


async def test_a_comparison(panel: MemoryPanel) -> None:
    panel.compare_input.value = f"{PUBLIC}\n{SMALL}\nno/such-model"
    await click(panel, panel.compare_button)
    assert_marked(panel, "no/such-model")
    panel.prompt.skip_button.click()
    await panel.idle()
    assert_marked(panel, "no/such-model")
    panel.accelerator_input.value = "RTX 4090"
    assert_marked(panel, "no/such-model")


@pytest.mark.parametrize("method", ["full", "lora", "qlora"])
async def test_a_training(panel: MemoryPanel, method: str) -> None:
    panel.use_input.value = panel.use_input.options[1][1]
    panel.method_input.value = method
    panel.accelerator_input.value = "RTX 4060"
    await click(panel, panel.finetune_button, PUBLIC)
    assert_marked(panel, "offload", "fused")


async def test_the_gate_a_refusal_and_a_paste(panel: MemoryPanel) -> None:
    await click(panel, panel.calculate_button, GATED)
    assert panel.prompt.visible
    assert_marked(panel)
    for text in ("", "{", "hf_" + "x" * 34, "<html>", "no/model", json.dumps({"model_type": "llama"})):
        panel.prompt.text_input.value = text
        panel.prompt.submit_button.click()
        await panel.idle()
        assert_marked(panel)
    panel.prompt.text_input.value = json.dumps(CONFIG)
    panel.prompt.submit_button.click()
    await panel.idle()
    assert not panel.prompt.visible
    assert_marked(panel)


@pytest.mark.parametrize(
    "model", ["", "two words", "no/such-model", "https://huggingface.co/datasets/a/b", "a/b/c/d", "hf_" + "x" * 34]
)
async def test_what_is_no_model(panel: MemoryPanel, model: str) -> None:
    await click(panel, panel.calculate_button, model)
    assert panel.error is not None
    assert_marked(panel, *filter(None, re.split(r"\s", model)))


@pytest.mark.usefixtures("marked")
async def test_a_hub_that_is_down(tmp_path: Path) -> None:
    resolver = Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint="http://127.0.0.1:9"))
    panel = MemoryPanel(PUBLIC, actions=Actions(resolver), language="zh")
    await click(panel, panel.calculate_button)
    assert panel.error is not None
    assert_marked(panel, "127.0.0.1")


def test_no_models_to_compare_and_an_accelerator_that_nobody_knows(panel: MemoryPanel) -> None:
    panel.compare_button.click()
    assert_marked(panel)
    panel.accelerator_input.value = "my toaster"
    assert_marked(panel, "my toaster", 'Accelerator(name="my card", memory_gib=…)')


@pytest.mark.usefixtures("marked")
async def test_saved_configs_with_every_form(actions: Actions) -> None:
    store = actions.resolver.store
    store.put(GATED, {**LLAMA_3_1_8B, "num_hidden_layers": 16})
    store.put(GATED, LLAMA_3_1_8B)
    store.put("org/other", LLAMA_3_1_8B, published_parameters=70_553_706_496)
    saved = SavedConfigs(actions, use=lambda _: None, language="zh")
    await saved.idle()
    assert_marked(saved, "org/other")
    for row in saved.list.rows:
        row.button.click()
        for name in ("edit_button", "history_button", "forget_button", "export_button"):
            getattr(saved.detail, name).click()
            await saved.idle()
            assert_marked(saved, "org/other", "org--other.json", f"{GATED.replace('/', '--')}.json", *LLAMA_3_1_8B)
    saved.list.search_input.value = "nothing like it"
    assert_marked(saved, "nothing like it")


@pytest.mark.usefixtures("marked")
async def test_a_teams_configs(actions: Actions, loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback_hub.datasets.put(Dataset(repo_id="example-org/configs", roles=(("member", "write"),)))
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    actions.resolver.store.put(GATED, LLAMA_3_1_8B)
    saved = SavedConfigs(actions, language="zh")
    saved.team_button.click()
    saved.team.repo_input.value = "example-org/configs"
    assert_marked(saved, "example-org/configs")


async def test_two_panels_speak_two_languages(make_panel: Callable[..., MemoryPanel]) -> None:
    english, chinese = make_panel(), make_panel(language="zh")
    for panel in (english, chinese):
        await click(panel, panel.calculate_button, PUBLIC)
        panel.batch_size_input.value = 2
    assert "Fits on one" in text_of(english)
    assert re.search(r"[\u4e00-\u9fff]", text_of(chinese))
    assert not re.search(r"[\u4e00-\u9fff]", text_of(english))


async def test_what_a_program_reads_stays_english(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel(language="zh")
    await click(panel, panel.calculate_button, PUBLIC)
    assert json.dumps(panel.result.to_dict()).isascii()
    assert panel.to_code() == f"bw.calculate({PUBLIC!r})"
    await click(panel, panel.calculate_button, "no/such-model")
    assert panel.error.message.isascii()


def test_the_environment_chooses_the_language(
    make_panel: Callable[..., MemoryPanel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUDSIM_LANGUAGE", "zh_CN.UTF-8")
    assert make_panel().calculate_button.description == catalogue.catalogue_of("zh").sentence("Calculate memory")
    assert make_panel(language="en").calculate_button.description == "Calculate memory"


def test_an_unknown_language_is_refused(make_panel: Callable[..., MemoryPanel]) -> None:
    with pytest.raises(LanguageError, match="en, zh"):
        make_panel(language="tlh")


def test_a_box_of_ones_own_speaks_it_too(actions: Actions) -> None:
    prompt = ConfigPrompt(actions, language="zh")
    assert prompt.submit_button.description == catalogue.catalogue_of("zh").sentence("Submit configuration")
