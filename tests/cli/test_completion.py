"""What the shell offers after Tab."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("argcomplete")

from budsim_widgets.store import ConfigStore


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("budsim --seq", {"--seq-length"}),
        ("budsim s", {"submit", "saved"}),
        ("budsim a/b --engine v", {"vllm"}),
        ("budsim a/b --engine vllm --kv-cache-precision fp8", {"fp8"}),
        ("budsim submit org/", {"org/model"}),
        ("budsim org/", {"org/model"}),
    ],
)
def test_the_shell_is_answered(shell: str, typed: str, offered: set[str], store_path: Path, tmp_path: Path) -> None:
    """fish asks for descriptions as well, behind a tab; zsh is given them behind a colon."""
    ConfigStore(store_path).put("org/model", {"hidden_size": 64})
    answer = tmp_path / "answer"
    environment = {
        **os.environ,
        "_ARGCOMPLETE": "1",
        "COMP_LINE": typed,
        "COMP_POINT": str(len(typed)),
        "COMP_TYPE": "9",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_SHELL": shell,
        **({"_ARGCOMPLETE_DFS": "\t"} if shell == "fish" else {}),
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
    }
    command = [sys.executable, "-m", "budsim_widgets"]
    subprocess.run(command, env=environment, capture_output=True, check=False, timeout=120)
    assert offered <= {
        word.partition("\t")[0].partition(":")[0].strip() for word in answer.read_text(encoding="utf-8").splitlines()
    }
