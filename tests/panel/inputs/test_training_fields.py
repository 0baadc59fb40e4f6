"""Fine-tuning in the panel: the same fields, the same gate, the same accelerators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS

import budsim_widgets as bw
from budsim_widgets.errors import WorkloadError
from budsim_widgets.training import TrainingReport
from panel.shown import html_of, text_of, visible_widgets

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.panel import MemoryPanel

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
PUBLIC = "Qwen/Qwen2.5-7B"


async def finetuned(panel: MemoryPanel, model: str = PUBLIC) -> MemoryPanel:
    panel.model_input.value = model
    panel.use_input.value = "Fine-tune it"
    panel.finetune_button.click()
    await panel.idle()
    return panel


def option_button(panel: MemoryPanel, start: str) -> Any:
    return next(one for one in visible_widgets(panel) if str(getattr(one, "description", "")).startswith(start))


async def test_a_training_is_calculated_from_the_fields(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel(seq_length=4096, accelerator="RTX 4090")
    panel.method_input.value = "qlora"
    await finetuned(panel)
    assert isinstance(panel.result, TrainingReport)
    assert (panel.result.method, panel.result.workload.seq_length) == ("qlora", 4096)
    assert panel.result.verdict == "fits"
    assert text_of(panel).startswith("Fits on one NVIDIA RTX 4090")
    assert "at the loss (peak)" in html_of(panel)


async def test_a_gated_model_asks_for_its_config_and_goes_on(panel: MemoryPanel) -> None:
    panel.method_input.value = "full"
    await finetuned(panel, GATED)
    assert panel.prompt.visible
    assert panel.pending is not None
    assert panel.pending.type == "finetune"
    panel.prompt.text_input.value = json.dumps(CONFIG)
    panel.prompt.submit_button.click()
    await panel.idle()
    assert isinstance(panel.result, TrainingReport)
    assert panel.result.method == "full"
    assert not panel.prompt.visible


async def test_other_numbers_change_the_result_at_once(panel: MemoryPanel) -> None:
    await finetuned(panel)
    before = panel.result.total_bytes
    panel.seq_length_input.value = 8192
    assert panel.result.total_bytes > before
    panel.gradient_checkpointing_input.value = False
    assert panel.result.workload.gradient_checkpointing is False
    panel.accelerator_input.value = "2x3090"
    assert panel.result.accelerator.name == "RTX 3090 24GB"
    assert (panel.result.num_devices, panel.result.workload.sharding) == (2, "fsdp")


async def test_an_option_changes_the_fields(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = await finetuned(make_panel(seq_length=8192, accelerator="RTX 4090"))
    assert panel.result.verdict == "does_not_fit"
    option_button(panel, "method QLoRA").click()
    assert panel.method_input.value == "qlora"
    assert panel.result.method == "qlora"


async def test_it_is_given_as_code_that_gives_the_same(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel(batch_size=2, accelerator="RTX 4090")
    panel.tool_input.value = "unsloth"
    await finetuned(panel)
    code = panel.to_code()
    assert code == f"bw.finetune({PUBLIC!r}, tool='unsloth', batch_size=2, accelerator='RTX 4090 24GB')"


async def test_a_refusal_is_shown(panel: MemoryPanel) -> None:
    panel.model_input.value = PUBLIC
    panel.accelerator_input.value = "abacus 9000"
    panel.finetune_button.click()
    await panel.idle()
    assert isinstance(panel.error, WorkloadError)


def test_the_two_uses_show_their_own_fields(panel: MemoryPanel) -> None:
    assert [value for _, value in panel.use_input.options] == ["Run it", "Fine-tune it"]
    assert panel.finetune_button.description == "Calculate fine-tuning"
    run = list(visible_widgets(panel))
    assert panel.calculate_button in run
    assert panel.method_input not in run
    panel.use_input.value = "Fine-tune it"
    train = list(visible_widgets(panel))
    assert panel.calculate_button not in train
    assert panel.engine_input not in train
    pressed = [one for one in train if "budsim-calculate" in one._dom_classes]
    assert pressed == [panel.finetune_button], "Ctrl+Enter in a field starts what is shown"
    assert {panel.method_input, panel.finetune_button, panel.model_input, panel.accelerator_input} <= set(train)
    assert bw.TrainingSettings().method == panel.method_input.value


async def test_an_option_with_a_button_is_not_told_twice(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = await finetuned(make_panel(seq_length=8192, accelerator="RTX 4090"))
    assert option_button(panel, "method QLoRA")
    assert "method QLoRA" not in text_of(panel)
    assert "loss in pieces" in text_of(panel), "what has no field is told"
    assert "method QLoRA" in panel.result._repr_html_(), "a cell has no buttons"


async def test_a_result_of_the_other_use_is_an_earlier_one(panel: MemoryPanel) -> None:
    await finetuned(panel)
    assert "earlier result" not in text_of(panel)
    panel.use_input.value = "Run it"
    assert "earlier result" in text_of(panel)
    panel.use_input.value = "Fine-tune it"
    assert "earlier result" not in text_of(panel)


async def test_an_example_asks_for_the_use_that_is_chosen(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel()
    panel.use_input.value = "Fine-tune it"
    option_button(panel, PUBLIC).click()
    await panel.idle()
    assert isinstance(panel.result, TrainingReport)


def test_what_only_llama_cpp_asks_for_is_gone_where_it_is_trained(panel: MemoryPanel) -> None:
    panel.engine_input.value = "llama.cpp"
    assert panel.gpu_layers_input in visible_widgets(panel)
    panel.use_input.value = "Fine-tune it"
    assert panel.gpu_layers_input not in visible_widgets(panel)
    panel.use_input.value = "Run it"
    assert panel.gpu_layers_input in visible_widgets(panel)


async def test_a_training_is_taken_along_as_one(panel: MemoryPanel) -> None:
    await finetuned(panel)
    assert "ask='finetune'" in panel.notebook_text()
    assert panel._view.take_away.link == panel.to_query() == "model=Qwen%2FQwen2.5-7B&ask=finetune"
    assert "bw.finetune(" in panel._view.take_away.code


@pytest.mark.parametrize("method", ["full", "lora", "qlora"])
async def test_the_markdown_names_the_moments(panel: MemoryPanel, method: str) -> None:
    panel.method_input.value = method
    await finetuned(panel)
    assert "in the optimizer's step" in panel._view.take_away.markdown
