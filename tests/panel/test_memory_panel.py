from __future__ import annotations

import gc
import json
import logging
import weakref
from typing import TYPE_CHECKING, Any

import ipywidgets
import pytest
from hub.repos import LLAMA_3_1_8B

import budsim_widgets as bw
from budsim_widgets.engines import ENGINES, LlamaCpp, Transformers
from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware import accelerators, detection
from budsim_widgets.hardware.detection import parse_nvidia_smi
from budsim_widgets.panel.frontend import NumberField, UnsavedTextarea
from panel.shown import Elements, html_of, text_of, until, visible_widgets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub.loopback import LoopbackHub

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import MemoryPanel

PUBLIC = "Qwen/Qwen2.5-7B"
SMALL = "Qwen/Qwen2.5-0.5B"


def calculated(panel: MemoryPanel, model: str = PUBLIC) -> MemoryPanel:
    panel.model_input.value = model
    panel.calculate_button.click()
    return panel


def numbers(report: Any) -> str:
    """All of a report but where its config came from: the second time, that is the catalog."""
    return json.dumps(report.to_dict()).replace('"huggingface"', '"catalog"')


def test_building_a_panel_asks_no_one(make_panel: Callable[..., MemoryPanel], loopback_hub: LoopbackHub) -> None:
    make_panel(PUBLIC, compare=[SMALL])
    assert loopback_hub.requests == ()


def test_the_parts_have_the_labels_that_the_design_gives_them(panel: MemoryPanel) -> None:
    assert panel.model_input.description == "Model"
    assert panel.calculate_button.description == "Calculate memory"
    assert panel.analyze_button.description == "Analyze context"
    assert panel.compare_button.description == "Compare models"
    prompt = panel.prompt
    assert prompt.text_input.description == "Paste config.json"
    assert (prompt.submit_button.description, prompt.cancel_button.description) == ("Submit configuration", "Cancel")


def test_fields_offer_what_the_calculator_knows(panel: MemoryPanel) -> None:
    assert panel.precision_input.options == Transformers.weight_precisions
    assert panel.engine_input.options == tuple(ENGINES)
    assert panel.kv_cache_precision_input.options == Transformers.cache_precisions
    assert panel.accelerator_input.options == tuple(one.label for one in accelerators())


def test_the_first_values_of_the_fields_can_be_given(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel(
        PUBLIC,
        batch_size=3,
        seq_length=777,
        precision="bfloat16",
        engine="VLLM",
        compare=[PUBLIC, SMALL],
        accelerator="nvidia h100",
    )
    assert (panel.model_input.value, panel.batch_size_input.value, panel.seq_length_input.value) == (PUBLIC, 3, 777)
    assert (panel.precision_input.value, panel.engine_input.value) == ("bf16", "vllm")
    assert panel.accelerator_input.value == "H100 80GB"
    panel.compare_button.click()
    assert [row.model_id for row in panel.result.rows] == [PUBLIC, SMALL]


@pytest.mark.parametrize(("keyword", "hint"), [("batchsize", "batch_size"), ("modelid", "model_id"), ("zzz", "Known")])
def test_an_unknown_keyword_is_an_error_with_a_hint(keyword: str, hint: str) -> None:
    with pytest.raises(TypeError, match=f"{keyword}.*{hint}"):
        bw.MemoryPanel(**{keyword: 1})


@pytest.mark.parametrize(
    "fields",
    [{"batch_size": 0}, {"seq_length": -1}, {"precision": "bf17"}, {"engine": "x"}, {"accelerator": "abacus 9000"}],
)
def test_a_value_out_of_range_is_an_error_that_names_the_parameter(
    make_panel: Callable[..., MemoryPanel], fields: dict[str, object]
) -> None:
    with pytest.raises(WorkloadError) as caught:
        make_panel(PUBLIC, **fields)
    assert caught.value.field in fields


def test_every_field_has_a_name_for_screen_readers(panel: MemoryPanel) -> None:
    panel.prompt.visible = True
    texts = (ipywidgets.Text, ipywidgets.Textarea, UnsavedTextarea)
    kinds = (*texts, ipywidgets.Dropdown, NumberField)
    fields = [widget for widget in visible_widgets(panel) if isinstance(widget, kinds)]
    assert len(fields) == 10
    assert all(field.description and field.tooltip != "" for field in fields)


def test_there_is_one_primary_button_at_a_time(panel: MemoryPanel) -> None:
    buttons = [one for one in visible_widgets(panel) if isinstance(one, ipywidgets.Button)]
    assert [one.description for one in buttons if one.button_style == "primary"] == ["Calculate memory"]


def test_a_result_is_described_under_a_heading_that_is_its_verdict(panel: MemoryPanel) -> None:
    elements = Elements(html_of(calculated(panel)))
    (heading,) = elements.with_role("heading")
    assert "budsim-verdict" in str(heading["class"])
    # one live region stands in the page; those that come and go are not announced, or twice
    assert not elements.with_role("status")
    assert not elements.with_role("alert")
    (picture,) = elements.with_role("img")
    assert "Weights 14.19 GiB" in str(picture["aria-label"])


def test_result_and_error_can_be_observed(panel: MemoryPanel) -> None:
    seen = []
    panel.observe(lambda change: seen.append((change["name"], change["new"])), ["result", "error"])
    calculated(panel)
    calculated(panel, "datasets/x/y")
    calculated(panel, SMALL)
    assert [name for name, _ in seen] == ["result", "error", "error", "result"]
    assert seen[2] == ("error", None)


def test_enter_in_the_field_of_the_model_calculates(panel: MemoryPanel) -> None:
    panel.model_input.value = PUBLIC
    panel.model_input._handle_custom_msg({"event": "submit"}, [])
    assert panel.result.model_id == PUBLIC


async def test_enter_and_clicks_of_a_person_wait_for_the_text_that_was_typed_before(panel: MemoryPanel) -> None:
    for widget, content in ((panel.model_input, {"event": "submit"}), (panel.calculate_button, {"event": "click"})):
        panel.model_input.value = SMALL
        widget._handle_custom_msg(content, [])
        panel.model_input.value = PUBLIC
        await until(lambda: panel.result is not None)
        assert panel.result.model_id == PUBLIC
        panel.result = None


@pytest.mark.parametrize("text", ["RTX 4090", "nvidia geforce rtx 4090", "24 GiB"])
def test_an_accelerator_may_be_typed_as_people_write_it(panel: MemoryPanel, text: str) -> None:
    panel.accelerator_input.value = text
    calculated(panel, SMALL)
    assert panel.fit_report is not None
    assert panel.fit_report.verdict == "fits"
    assert "GiB free" in text_of(panel)


def test_a_count_in_the_name_is_the_number_of_devices(panel: MemoryPanel) -> None:
    panel.accelerator_input.value = "2x3090"
    assert panel.device_count_input.value == 2
    calculated(panel)
    assert len(panel.result.per_device) == panel.fit_report.num_devices == 2
    assert panel.to_code() == f"bw.fit('{PUBLIC}', 'RTX 3090 24GB', tensor_parallel=2)"


def test_an_unknown_accelerator_is_refused_with_the_nearest_names(panel: MemoryPanel) -> None:
    before = calculated(panel).result
    panel.accelerator_input.value = "RTX 4091"
    assert panel.error.field == "accelerator"
    panel.calculate_button.click()
    assert panel.result is before
    panel.accelerator_input.value = "RTX 4090"
    assert text_of(panel).startswith("Fits on one NVIDIA RTX 4090 24GB")


def test_a_number_of_devices_that_cannot_share_the_heads_names_those_that_can(panel: MemoryPanel) -> None:
    calculated(panel)
    panel.device_count_input.value = 5
    assert panel.error.field == "tensor_parallel"
    assert "1, 2, 4, 28" in panel.error.next_step


def test_the_cache_precisions_are_those_of_the_engine(panel: MemoryPanel) -> None:
    panel.kv_cache_precision_input.value = "int4"
    panel.engine_input.value = "vllm"
    assert panel.kv_cache_precision_input.options == ENGINES["vllm"].cache_precisions
    assert panel.kv_cache_precision_input.value == "auto"


async def test_the_accelerator_chosen_last_time_stands_in_the_next_panel(
    make_panel: Callable[..., MemoryPanel],
) -> None:
    first = make_panel()
    first.accelerator_input.value = "2x3090"
    await first.idle()
    second = make_panel()
    assert (second.accelerator_input.value, second.device_count_input.value) == ("2x3090", 2)
    assert make_panel(accelerator="T4").accelerator_input.value == "T4 16GB"
    second.accelerator_input.value = ""
    await second.idle()
    assert make_panel().accelerator_input.value == ""


async def test_this_machines_own_accelerator_is_offered(
    make_panel: Callable[..., MemoryPanel], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = "index, name, memory.total [MiB], memory.free [MiB]\n0, NVIDIA GeForce RTX 4090, 24564 MiB, 20480 MiB\n"
    monkeypatch.setattr(detection, "detect_accelerators", lambda: parse_nvidia_smi(printed))
    panel = make_panel()
    await panel.idle()
    assert panel.accelerator_input.value == "RTX 4090 24GB"
    assert panel.accelerator_input.placeholder == "this machine: RTX 4090 24GB, 20.00 GiB free now"
    other = make_panel(accelerator="T4")
    await other.idle()
    assert other.accelerator_input.value == "T4 16GB"


def test_a_closed_panel_leaves_no_widget_behind(make_panel: Callable[..., MemoryPanel]) -> None:
    instances = ipywidgets.widgets.widget._instances
    before = len(instances)
    panel = calculated(make_panel(accelerator="RTX 4090"))
    assert len(instances) > before + 50
    panel.close()
    assert len(instances) == before
    closed = weakref.ref(panel)
    del panel
    gc.collect()
    assert closed() is None, "nothing holds what was closed"


def test_the_repr_is_short_and_stable(panel: MemoryPanel) -> None:
    assert repr(panel) == "MemoryPanel('')"
    assert repr(calculated(panel)) == f"MemoryPanel('{PUBLIC}')"
    assert repr(panel.prompt) == "ConfigPrompt()"
    panel.model_input.value = "x" * 5000
    assert len(repr(panel)) < 120


def test_a_result_outlives_the_kernel_as_html(panel: MemoryPanel) -> None:
    assert set(panel._repr_mimebundle_()) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    bundle = calculated(panel)._repr_mimebundle_()
    assert bundle["text/plain"] == f"MemoryPanel('{PUBLIC}')"
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "Fits on one NVIDIA" in bundle["text/html"]
    assert bundle == panel._repr_mimebundle_()


@pytest.mark.parametrize("button", ["calculate", "analyze", "compare"])
def test_the_code_gives_the_result_on_screen(
    make_panel: Callable[..., MemoryPanel], actions: Actions, button: str
) -> None:
    panel = make_panel(PUBLIC, batch_size=2, precision="int8", compare=[PUBLIC, SMALL])
    getattr(panel, f"{button}_button").click()
    said = eval(panel.to_code(), {"bw": actions})  # noqa: S307 - what a person would run
    assert numbers(said) == numbers(panel.result)


def test_the_code_names_only_what_was_changed(panel: MemoryPanel) -> None:
    assert calculated(panel).to_code() == f"bw.calculate('{PUBLIC}')"
    panel.batch_size_input.value = 4
    assert panel.to_code() == f"bw.calculate('{PUBLIC}', batch_size=4)"


def test_without_a_result_the_code_gives_the_panel(make_panel: Callable[..., MemoryPanel]) -> None:
    assert make_panel(PUBLIC, seq_length=99).to_code() == f"bw.MemoryPanel('{PUBLIC}', seq_length=99)"


@pytest.mark.parametrize("model", ["'); import os; ('", '"', "\\", "\n"])
def test_code_of_hostile_text_is_a_literal(make_panel: Callable[..., MemoryPanel], model: str) -> None:
    class Recorder:
        @staticmethod
        def MemoryPanel(text: str) -> str:  # noqa: N802 - the panel's own name
            return text

    panel = make_panel(model)
    assert eval(panel.to_code(), {"bw": Recorder}) == panel.model_input.value  # noqa: S307 - shows that it is a literal


def test_a_file_is_not_read_for_a_text_in_the_field(panel: MemoryPanel, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(LLAMA_3_1_8B))
    calculated(panel, str(path))
    assert panel.result is None
    assert panel.error is not None


def test_nothing_is_printed_by_default_when_something_unexpected_happens(
    panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(panel._actions, "calculate", lambda *_, **__: 1 / 0)
    calculated(panel)
    assert isinstance(panel.error, ZeroDivisionError)
    assert capfd.readouterr() == ("", "")


def test_layers_that_do_not_fit_are_left_to_the_cpu_at_a_click(panel: MemoryPanel) -> None:
    assert panel.gpu_layers_input not in visible_widgets(panel)
    panel.engine_input.value = "llama.cpp"
    assert panel.gpu_layers_input in visible_widgets(panel)
    panel.accelerator_input.value = "RTX 3060 12GB"
    calculated(panel)
    assert panel.fit_report.verdict == "does_not_fit"
    (button,) = [
        one for one in visible_widgets(panel) if getattr(one, "description", "").startswith("layers on the GPU")
    ]
    button.click()
    assert 0 < panel.gpu_layers_input.value < 29
    assert panel.fit_report.verdict == "fits"
    assert f"engine={{'name': 'llama.cpp', 'gpu_layers': {panel.gpu_layers_input.value}}}" in panel.to_code()
    panel.gpu_layers_input.value = 99
    assert "29 layers" in str(panel.error)
    panel.gpu_layers_input.value = 999
    assert panel.error is None
    assert panel.fit_report.verdict == "does_not_fit"


def test_a_panel_keeps_the_settings_of_its_engine(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel(PUBLIC, engine=LlamaCpp(gpu_layers=20, ubatch_size=256))
    assert panel.gpu_layers_input.value == 20
    calculated(panel)
    assert panel.result.workload.engine == LlamaCpp(gpu_layers=20, ubatch_size=256)
    panel.engine_input.value = "transformers"
    assert panel.result.workload.engine == Transformers()
    panel.engine_input.value = "llama.cpp"
    assert panel.result.workload.engine == LlamaCpp(gpu_layers=20, ubatch_size=256)
