"""Each notebook does today what its outputs show, against the loopback Hub."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from notebooks.execute import NOTEBOOKS, WIDGET, environment

if TYPE_CHECKING:
    from hub.loopback import LoopbackHub

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
ROOT = NOTEBOOKS.parent
NBVAL = (
    *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "120"),
    *("--nbval-sanitize-with", str(Path(__file__).parent / "sanitize.cfg")),
    # the rules for this project's own tests are not for nbval's
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", "-o", "filterwarnings=default"),
)

by_name = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def code_cells(path: Path) -> list[dict[str, Any]]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_notebooks_are_there() -> None:
    assert [path.stem for path in PATHS] == ["compare_and_analyze", "finetune", "gated_models", "quickstart"]


@pytest.mark.slow
@by_name
def test_it_does_what_its_outputs_show(path: Path, loopback_hub: LoopbackHub, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", *NBVAL, str(path)]
    names = environment(loopback_hub, tmp_path)
    ran = subprocess.run(command, cwd=ROOT, env=names, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stdout[-6000:]
    assert re.search(rf"\b{len(code_cells(path))} passed", ran.stdout), ran.stdout


@pytest.mark.slow
@by_name
def test_all_of_it_runs_without_network(path: Path, loopback_hub: LoopbackHub, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}})
    # nothing listens at the port for discarding
    client.execute(env={**environment(loopback_hub, tmp_path), "HF_ENDPOINT": "http://127.0.0.1:9"})
    assert not loopback_hub.requests
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


@by_name
def test_it_was_run_from_top_to_bottom(path: Path) -> None:
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error"] == []


def test_the_quickstart_shows_the_panel_to_whoever_has_no_kernel() -> None:
    panel = code_cells(PATHS[-1])[0]
    assert "MemoryPanel" in panel["source"]
    assert [set(output["data"]) for output in panel["outputs"]] == [{"image/png", "text/plain"}]
    assert max(path.stat().st_size for path in PATHS) < 500_000


@by_name
def test_it_holds_nothing_of_the_machine_that_ran_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert WIDGET not in text
    assert "widget-state" not in text
    assert "127.0.0.1" not in text
    assert re.findall(r"(?:/tmp|/home|/root|/Users|/var)/\S*", text) == []
    assert re.findall(r"hf_[A-Za-z0-9]{10,}", text) == []
