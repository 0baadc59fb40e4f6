"""The command starts as Python does: what it loads is counted, since a time depends on the machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

OWN = 4
"""Modules of the package that `--version` needs: itself, its version, the command and its exit codes."""


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a process holds after the command and that Python itself doesn't load."""
    probe = f"""
import sys
before = set(sys.modules)
from budsim_widgets.cli import main
main({list(arguments)!r})
print("loaded:", *(set(sys.modules) - before))
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.rpartition("loaded:")[2].split())


def test_the_version_is_told_before_anything_is_loaded() -> None:
    loaded = loaded_by("--version")
    assert len([name for name in loaded if name.startswith("budsim_widgets")]) == OWN
    assert not loaded & {"typing", "argparse", "json", "rich", "pydantic"}


@pytest.mark.parametrize("arguments", [["--help"], ["a/b", "--gpus", "4090"]])
def test_understanding_what_is_typed_loads_no_part_of_the_package(arguments: list[str]) -> None:
    parts = {name.split(".")[1] for name in loaded_by(*arguments) if name.startswith("budsim_widgets.")}
    assert parts <= {"cli", "errors", "printable", "access_tokens", "lazy_names", "version"}


def test_an_answer_loads_no_widget_and_no_colours() -> None:
    loaded = {name.partition(".")[0] for name in loaded_by("gpus", "4090", "--json")}
    assert not loaded & {"ipywidgets", "IPython", "jupyter_server", "tornado", "pandas", "rich", "asyncio"}
