"""Whatever is typed: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from budsim_widgets.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

    from cli.conftest import Budsim

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="signals and pipes as POSIX has them")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("a/b --gpus 4090", "There is no option --gpus. Did you mean --gpu?"),
        ("a/b --seq-len=5", "There is no option --seq-len. Did you mean --seq-length?"),
        ("a/b --zzz", "There is no option --zzz. budsim --help"),
        ("a/b --bad", "There is no option --bad. budsim --help"),
        ("", "required: MODEL"),
        ("submit a/b", "required: FILE"),
        ("submit a/b c d", "'d' is one argument too many."),
        ("a/b --batch-size many", "'many' is not a whole number"),
        ("a/b --json --markdown", "not allowed with"),
        ("a/b --log x --compare c/d", "--log is about one model"),
        ("a/b --finetune lora --engine vllm", "--engine says nothing about --finetune"),
        ("a/b --batch-size -1", "batch_size"),
        ("a/b --engine vlm", "Did you mean 'vllm'?"),
        ("a/b --engine vllm --precision q4_k_n", "precision"),
        ("a/b --gpu rtx-9999", "rtx-9999"),
        ("a/b/c/d", "more than two parts"),
        ("no-such-file.json", "can't be read"),
        ("a/b --config no-such-file", "can't be read: No such file"),
        ("submit a/b no-such-file", "can't be read: No such file"),
    ],
)
def test_a_mistake_is_answered_in_a_sentence(typed: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed.split()) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("budsim: ")
    assert told in errors


@pytest.mark.parametrize("arguments", [["a/b", "--config"], ["submit", "a/b"], ["a/b", "--log"], []])
def test_a_folder_is_no_file(tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_control_characters_reach_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["a/b", "--engine", "\x1b[2Jvllm"]) == 2
    assert main(["a/b", "--\x1b[2J"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_help_is_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert main(["submit", "--help"]) == 0
    assert "exit status" in capsys.readouterr().out


@POSIX_ONLY
def test_a_closed_pipe_is_told_in_a_sentence(budsim: Budsim) -> None:
    del budsim  # its environment is what the process needs
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "budsim_widgets", "gpus"]
    told = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=120)
    os.close(writing)
    assert told.returncode == 141
    assert told.stderr == b"budsim: The output was closed before everything was written.\n"


@POSIX_ONLY
def test_an_interruption_is_told_in_a_sentence(budsim: Budsim, loopback_hub: LoopbackHub) -> None:
    del budsim
    # a shell starts what runs in the background without this signal, and its children are born so
    start = "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [
        sys.executable,
        "-c",
        f"{start}runpy.run_module('budsim_widgets', run_name='__main__')",
        "submit",
        "a/b",
        "-",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"{")
        process.stdin.flush()
        while "read" not in _waits_in(process.pid):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"budsim: Interrupted.\n")
    assert loopback_hub.requests == ()


def _waits_in(pid: int) -> str:
    """What a process waits for, where the kernel says so."""
    from pathlib import Path  # noqa: PLC0415 - here only

    try:
        return Path(f"/proc/{pid}/wchan").read_text(encoding="ascii") or "read"
    except OSError:
        return "read"
