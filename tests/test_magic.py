"""`%budsim` in a notebook: the report comes back, so that the notebook shows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import QWEN_2_5_7B
from IPython.core.interactiveshell import InteractiveShell

import budsim_widgets as bw
from budsim_widgets.magic import budsim

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "a config.json"
    path.write_text(json.dumps(QWEN_2_5_7B), encoding="utf-8")
    return path


def test_the_magic_returns_the_report(config_file: Path) -> None:
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "budsim_widgets")
    report = shell.run_line_magic("budsim", f'"{config_file}" --gpu 4090 --engine vllm')
    assert isinstance(report, bw.FitReport)
    assert report.accelerator.name == "RTX 4090 24GB"
    assert "budsim-verdict-fits" in report._repr_html_()


def test_without_a_gpu_it_is_the_memory(config_file: Path) -> None:
    assert isinstance(budsim(f"'{config_file}'"), bw.MemoryReport)


@pytest.mark.parametrize("line", ["a/b --gpus 4090", "a/b --engine vlm", "'a", "--help", ""])
def test_a_mistake_is_a_sentence_and_no_traceback(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert budsim(line) is None
    output, errors = capsys.readouterr()
    assert ("usage" in output) if line == "--help" else errors.startswith("budsim: ")
