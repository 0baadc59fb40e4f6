"""A gated model in a terminal: its config is pasted, and the question goes on."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Budsim

pty = pytest.importorskip("pty")

GATED = "meta-llama/Llama-3.1-8B"
WHOLE = json.dumps({**LLAMA_3_1_8B, "one_long_line": "x" * 9_000})
"""Longer than the line that a terminal hands out."""


class Terminal:
    """`budsim` with a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell starts what runs in the background without it
            os.execv(sys.executable, [sys.executable, "-m", "budsim_widgets", *arguments])  # noqa: S606 - no shell is meant
        self.told = ""

    def read_until(self, text: str, *, times: int = 1) -> None:
        while self.told.count(text) < times:
            self.told += self._read() or pytest.fail(f"It ended with {self.told!r}")

    def type(self, text: str) -> None:
        content = text.encode()
        for start in range(0, len(content), 1024):
            os.write(self._end, content[start : start + 1024])
            while select.select([self._end], [], [], 0)[0]:  # the echo: unread, it would fill the terminal
                self.told += self._read()

    def exit_code(self) -> int:
        while piece := self._read():
            self.told += piece
        os.close(self._end)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self) -> str:
        try:
            return os.read(self._end, 65536).decode(errors="replace")
        except OSError:  # Linux says so where the other end is closed
            return ""


@pytest.fixture
def environment(budsim: Budsim, monkeypatch: pytest.MonkeyPatch) -> None:
    del budsim
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.usefixtures("environment")
def test_a_paste_goes_on_with_the_question() -> None:
    terminal = Terminal(GATED, "--gpu", "4090")
    terminal.read_until("Paste its config.json here")
    terminal.type(WHOLE + "\n")
    assert terminal.exit_code() == 0
    assert "Fits on one NVIDIA RTX 4090 24GB" in terminal.told
    assert "\x1b[1;32m" in terminal.told


@pytest.mark.usefixtures("environment")
def test_a_refused_paste_is_asked_for_again_and_a_path_will_do(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(WHOLE, encoding="utf-8")
    terminal = Terminal(GATED, "--gpu", "4090")
    terminal.read_until("Paste its config.json here")
    terminal.type('{"model_type": "llama", "hidden_size": 64}')
    terminal.read_until("Paste its config.json here", times=2)
    assert "num_hidden_layers" in terminal.told
    terminal.type(f"{path}\n")
    assert terminal.exit_code() == 0
    assert "Fits on one" in terminal.told


@pytest.mark.usefixtures("environment")
def test_whoever_ends_without_a_config_is_told_how_to_submit_one() -> None:
    terminal = Terminal(GATED)
    terminal.read_until("Paste its config.json here")
    terminal.type("\x04")
    assert terminal.exit_code() == 3
    assert f"budsim submit {GATED}" in terminal.told


@pytest.mark.usefixtures("environment")
def test_an_interrupted_paste_leaves_the_terminal_as_it_was() -> None:
    terminal = Terminal("submit", GATED, "-")
    terminal.read_until("Paste its config.json here")
    terminal.type('{"half": ')
    terminal.read_until('{"half": ')
    terminal.type("\x03")
    assert terminal.exit_code() == 130
    assert "Interrupted." in terminal.told
