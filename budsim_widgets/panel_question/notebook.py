"""The question of a panel as a notebook: run elsewhere, it is the same panel; until then it shows the result."""

from __future__ import annotations

import json
from typing import Any

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook_of(code: str, page: str = "") -> dict[str, Any]:
    """A notebook of one cell (nbformat 4.5).

    Args:
        code: The line that gives the panel.
        page: The result as HTML that needs nothing else; empty where there is none.

    Example:
        >>> notebook_of("bw.MemoryPanel('org/model')")["cells"][0]["source"][-1]
        "bw.MemoryPanel('org/model')"
    """
    output = {"output_type": "display_data", "data": {"text/html": [page]}, "metadata": {}}
    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "panel",
        "execution_count": None,
        "metadata": {},
        "outputs": [output] if page else [],
        "source": ["import budsim_widgets as bw\n", "\n", code],
    }
    return {"cells": [cell], "metadata": {"kernelspec": _KERNEL}, "nbformat": 4, "nbformat_minor": 5}


def notebook_text(code: str, page: str) -> str:
    """The same as the text of its file.

    Example:
        >>> json.loads(notebook_text("bw.MemoryPanel('org/model')", ""))["nbformat"]
        4
    """
    return json.dumps(notebook_of(code, page), ensure_ascii=False, indent=1) + "\n"
