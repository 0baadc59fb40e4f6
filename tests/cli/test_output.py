"""Colours on a terminal alone; everything that others wrote is shown as it stands."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import QWEN_2_5_7B

from budsim_widgets.actions import Actions
from budsim_widgets.cli import output
from budsim_widgets.cli.documents import Document, Table, document_of

if TYPE_CHECKING:
    from cli.conftest import Budsim

REPORTS = {
    "memory": lambda actions: actions.calculate(QWEN_2_5_7B, tensor_parallel=2),
    "fit": lambda actions: actions.fitting.fit(QWEN_2_5_7B, "4090", engine="vllm"),
    "comparison": lambda actions: actions.compare([QWEN_2_5_7B, {"model_type": "llama"}], accelerator="4090"),
    "precisions": lambda actions: actions.fitting.compare_precisions(QWEN_2_5_7B, "4090"),
    "training": lambda actions: actions.training.finetune(QWEN_2_5_7B, "qlora", accelerator="4090"),
    "log": lambda actions: actions.fitting.check_log(QWEN_2_5_7B, "Model loading took 14.9889 GiB and 3.65 seconds"),
}


@pytest.mark.parametrize("kind", REPORTS)
def test_every_report_has_tables_in_every_form(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = REPORTS[kind](Actions())
    document = document_of(report)
    assert document.tables
    assert all(len(row) == len(table.headers) for table in document.tables for row in table.rows)
    shown = {}
    for form in ("json", "markdown", "terminal", "text"):
        output.show(report, form)
        shown[form] = capsys.readouterr().out
    assert json.loads(shown["json"]) == json.loads(json.dumps(report.to_dict()))
    first = document.tables[-1].rows[0][1]
    assert first in shown["terminal"]
    assert shown["markdown"].count("\n| ---") == len(document.tables)
    assert "\x1b" not in "".join(shown.values())


def test_nothing_that_others_wrote_is_markup(capsys: pytest.CaptureFixture[str]) -> None:
    text = "[bold red]x[/] a|b *c* \x1b[2J"
    document = Document(text, tables=(Table(("model",), ((text,),)),), command=text, remarks=(text,))
    output.show_document(document, "terminal")
    told = capsys.readouterr().out
    assert told.count("[bold red]x[/] a|b *c*") == 4
    assert "\x1b" not in told
    output.show_document(document, "markdown")
    assert "| \\[bold red\\]x\\[/\\] a\\|b \\*c\\*" in capsys.readouterr().out


def test_characters_that_an_encoding_lacks_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)
    output.write("größer … ok")
    stream.flush()
    assert raw.getvalue().replace(b"\r", b"") == b"gr??er ? ok\n"


def test_a_pipe_gets_plain_text(budsim: Budsim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    told = budsim("Qwen/Qwen2.5-7B", "--gpu", "4090")
    assert told.returncode == 0
    assert "\x1b" not in told.stdout + told.stderr
