"""Runs the notebooks against the loopback Hub and keeps their outputs, as people should find them: `make notebooks`.

What is kept is what the kernel answered, less what no other machine could show: the ids of its widgets (a saved
notebook would show "model not found" for them), times, and the address of the loopback Hub. In the place of the
quickstart's panel stands the picture of one, `docs/panel.png`, until somebody runs the cell; the cell's tag says that
its output isn't compared.
"""

from __future__ import annotations

import base64
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":  # started as a script: the folder of tests is not on the path yet
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import nbformat
from hub.loopback import LoopbackHub
from nbclient import NotebookClient

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
HUB = "https://huggingface.co"
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURE = Path(__file__).parent.parent.parent / "docs" / "panel.png"
PICTURED = "nbval-ignore-output"
"""The tag of a cell whose panel is shown by its picture."""


def environment(hub: LoopbackHub, home: Path) -> dict[str, str]:
    """What the kernel of a notebook should find: the loopback Hub, nobody's token, an empty store."""
    names = {name: value for name, value in os.environ.items() if name not in {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}}
    return {
        **names,
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(home / "hf-home"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "BUDSIM_STORE": str(home / "configs.json"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONWARNINGS": "default",  # a warning in a cell is an output, and none is expected
    }


def execute(path: Path, names: Mapping[str, str]) -> None:
    """Run one notebook in place."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    plain = {"store_widget_state": False, "record_timing": False, "coalesce_streams": True}
    client = NotebookClient(notebook, timeout=120, resources=where, **plain)
    client.execute(env=dict(names))
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(WIDGET, None)
        if PICTURED in cell.metadata.get("tags", ()):
            cell.outputs = [_picture()]
    text = nbformat.writes(notebook)
    path.write_text(re.sub(r"http://127\.0\.0\.1:\d+", HUB, text) + "\n", encoding="utf-8")


def _picture() -> nbformat.NotebookNode:
    data = {"image/png": base64.b64encode(PICTURE.read_bytes()).decode(), "text/plain": "MemoryPanel()"}
    return nbformat.v4.new_output("display_data", data, metadata={"image/png": {"width": 720}})


def main() -> None:
    """Run all notebooks in place, each with a store of its own."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        with LoopbackHub() as hub, tempfile.TemporaryDirectory() as home:
            execute(path, environment(hub, Path(home)))
        print(path.name)  # noqa: T201 - says what was written


if __name__ == "__main__":
    main()
