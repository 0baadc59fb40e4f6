"""One description of a question: what stands in the fields, the query of a link and a line of Python say the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import budsim_widgets as bw
from budsim_widgets.actions import Actions
from budsim_widgets.engines import ENGINES
from budsim_widgets.errors import WorkloadError
from budsim_widgets.panel_question.code import panel_code
from budsim_widgets.panel_question.question import ASKS, Question
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("own_store")

FIELDS = (
    *("model_input", "compare_input", "accelerator_input", "device_count_input", "engine_input", "precision_input"),
    *("kv_cache_precision_input", "batch_size_input", "seq_length_input", "gpu_layers_input", "cpu_moe_layers_input"),
    *("use_input", "method_input", "lora_rank_input", "optimizer_input", "tool_input", "sharding_input"),
    "gradient_checkpointing_input",
)
OF_LLAMA_CPP = {"gpu_layers_input", "cpu_moe_layers_input"}


@pytest.fixture(scope="module")
def own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A store in which choices are remembered, and not that of whoever runs the tests."""
    actions = Actions(Resolver(ConfigStore(tmp_path_factory.mktemp("store") / "configs.json")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("budsim_widgets.panel.memory_panel.default_actions", lambda: actions)
        yield


def values(panel: bw.MemoryPanel) -> dict[str, Any]:
    """What stands in the fields; those of llama.cpp where it is the engine."""
    of_others = OF_LLAMA_CPP if panel.engine_input.value != "llama.cpp" else set()
    return {name: getattr(panel, name).value for name in FIELDS if name not in of_others}


def run(code: str) -> bw.MemoryPanel:
    panel = eval(code, {"bw": bw})  # noqa: S307 - what a person would run
    assert isinstance(panel, bw.MemoryPanel)
    return panel


def chosen_from(panel: bw.MemoryPanel, name: str, data: st.DataObject) -> Any:
    """Something that a person may put into a field."""
    field = getattr(panel, name)
    if hasattr(field, "max"):
        return data.draw(st.integers(max(field.min, 0), field.max))
    if name == "gradient_checkpointing_input":
        return data.draw(st.booleans())
    if name == "accelerator_input":
        return data.draw(st.sampled_from(["", "RTX 4090", "2x3090", "24 GB", "80 GiB", "M3 Max 64GB", "4 x H100"]))
    if name in {"model_input", "compare_input"}:
        ids = st.sampled_from(["", "org/model", "https://huggingface.co/org/model", "org/caf\u00e9", "a'b\"c&d=e#f"])
        return data.draw(ids)
    return data.draw(st.sampled_from([value for _, value in field._options_full]))


@given(st.data())
@settings(max_examples=40)
def test_whatever_stands_in_the_fields_comes_back_from_a_link_and_from_python(data: st.DataObject) -> None:
    panel = bw.MemoryPanel()
    for name in FIELDS:  # the engine before the formats that it has
        getattr(panel, name).value = chosen_from(panel, name, data)
    wanted = {
        **values(panel),
        "accelerator_input": values(bw.MemoryPanel.from_link(panel.to_query()))["accelerator_input"],
    }
    notebook = json.loads(panel.notebook_text())["cells"][0]["source"][-1]
    for again in (bw.MemoryPanel.from_link(panel.to_query()), run(notebook)):
        assert values(again) == wanted
        assert again.to_query() == panel.to_query()
        assert again.to_code() == panel.to_code()
        again.close()
    panel.close()


def test_a_link_that_names_no_accelerator_asks_for_none() -> None:
    panel = bw.MemoryPanel("org/model")
    query = bw.MemoryPanel("org/model", accelerator="").to_query()
    panel.accelerator_input.value = "RTX 4090"
    assert bw.MemoryPanel("org/model").accelerator_input.value == "RTX 4090", "the one chosen last"
    assert bw.MemoryPanel.from_link(query).accelerator_input.value == ""


def test_how_many_devices_there_are_stands_in_their_own_field() -> None:
    panel = bw.MemoryPanel("org/model", accelerator="RTX 4090")
    panel.accelerator_input.value = "4x RTX 3090"
    panel.device_count_input.value = 1
    again = bw.MemoryPanel.from_link(panel.to_query())
    assert (again.accelerator_input.value, again.device_count_input.value) == ("RTX 3090 24GB", 1)


@pytest.mark.parametrize("ask", ASKS)
def test_what_is_asked_is_the_button_that_stands_out(ask: str) -> None:
    buttons = {
        "calculate": "calculate_button",
        "analyze": "analyze_button",
        "compare": "compare_button",
        "finetune": "finetune_button",
    }
    panel = bw.MemoryPanel.from_link(Question("org/model", compare=("a/b", "c/d"), ask=ask).to_query())
    asked = getattr(panel, buttons[ask])
    assert asked.button_style == "primary"
    assert asked.layout.display != "none"
    others = [getattr(panel, name) for name in buttons.values()]
    shown = [one for one in others if one.layout.display != "none" and one.button_style == "primary"]
    assert shown == [asked]
    assert panel.result is None


def test_fine_tuning_is_a_question_with_fields_of_its_own() -> None:
    panel = bw.MemoryPanel(
        "org/model", accelerator="", ask="finetune", training={"method": "qlora", "lora_rank": 64, "sharding": None}
    )
    assert panel.to_query() == "model=org%2Fmodel&ask=finetune&method=qlora&lora_rank=64&sharding=none"
    code = (
        "bw.MemoryPanel('org/model', ask='finetune', training={'method': 'qlora', 'lora_rank': 64, 'sharding': None})"
    )
    assert panel.to_code() == code
    assert panel.calculate_button.layout.display == "none"
    assert panel.finetune_button.layout.display != "none"


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"ask": "train"}, "ask"),
        ({"training": {"lora_targets": ["q_proj"]}}, "lora_targets"),
        ({"training": {"method": "magic"}}, "method"),
        ({"training": {"sharding": "zero1"}}, "sharding"),
        ({"training": {"gradient_checkpointing": "offload"}}, "gradient_checkpointing"),
        ({"accelerator": "a card that nobody knows"}, "accelerator"),
    ],
)
def test_what_a_panel_has_no_field_for_is_refused_with_its_name(given_: dict[str, Any], field: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        bw.MemoryPanel("org/model", **given_)
    assert caught.value.field == field
    assert caught.value.next_step


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_a_question_as_python_is_the_question(engine: str) -> None:
    question = Question("org/model", {"engine": engine, "batch_size": 3}, compare=("a/b",), ask="analyze")
    again = run(panel_code(question, for_others=True)).to_query()
    assert Question.from_query(again) == Question.from_query(question.to_query())
