from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from hub.repos import MEMBER_TOKEN

import budsim_widgets as bw
from budsim_widgets.errors import ModelIdError
from budsim_widgets.panel import MemoryPanel
from budsim_widgets.panel_question.notebook import notebook_text
from budsim_widgets.rendering.markup import Html

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from budsim_widgets.actions import Actions

PUBLIC, SMALL = "Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-0.5B"


def opened(path: Path, actions: Actions) -> Any:
    """The panel that the notebook opens."""
    source = "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"])
    line = source.splitlines()[-1]
    made = type("bw", (), {"MemoryPanel": lambda *given, **named: MemoryPanel(*given, actions=actions, **named)})
    return eval(line, {"bw": made})  # noqa: S307 - what a person would run


def test_it_is_a_notebook_that_any_front_end_opens(tmp_path: Path, make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel(PUBLIC)
    panel.calculate_button.click()
    path = panel.to_notebook(tmp_path / "question.ipynb")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert "7.62B parameters" in notebook.cells[0].outputs[0].data["text/html"]
    assert "import budsim_widgets as bw" in notebook.cells[0].source


def test_it_opens_the_panel_with_the_same_question(
    tmp_path: Path, make_panel: Callable[..., MemoryPanel], actions: Actions
) -> None:
    fields = {"batch_size": 4, "seq_length": 999, "precision": "Q8_0", "compare": [PUBLIC, SMALL]}
    panel = make_panel(PUBLIC, **fields, accelerator="2x RTX 3090", engine=bw.LlamaCpp(gpu_layers=7))
    again = opened(panel.to_notebook(tmp_path / "question.ipynb"), actions)
    for one in (panel, again):
        one.calculate_button.click()
    assert again.to_code() == panel.to_code()
    assert again.result.workload == panel.result.workload
    assert again.result.total_bytes == panel.result.total_bytes
    assert again.fit_report.to_dict() == panel.fit_report.to_dict()
    assert again.compare_input.value == panel.compare_input.value


def test_a_name_with_quotes_is_text(tmp_path: Path, make_panel: Callable[..., MemoryPanel], actions: Actions) -> None:
    hostile = "x'); import os; os.system('true') #"
    again = opened(make_panel(hostile).to_notebook(tmp_path / "question.ipynb"), actions)
    assert again.model_input.value == hostile


def test_a_token_is_not_written(tmp_path: Path, make_panel: Callable[..., MemoryPanel]) -> None:
    panel, path = make_panel(MEMBER_TOKEN), tmp_path / "question.ipynb"
    with pytest.raises(ModelIdError):
        panel.to_notebook(path)
    assert not path.exists()
    assert panel.model_input.value == ""


def test_without_a_result_it_has_no_output() -> None:
    assert json.loads(notebook_text("1", Html()))["cells"][0]["outputs"] == []
