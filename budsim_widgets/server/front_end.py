"""Where a server opens notebooks: in JupyterLab, in Notebook, or nowhere, where it gives them as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jupyter_server.utils import url_escape, url_path_join

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

_LAB: Final = "lab/tree"
_NOTEBOOK: Final = "notebooks"
_FILE: Final = "files"
"""What every server has: it gives the notebook to whatever opens it, such as VS Code."""

_PLACES: Final = {"jupyterlab": _LAB, "notebook": _NOTEBOOK, "nbclassic": _NOTEBOOK}
"""The path of a notebook, by the extension of the server that opens it there."""


def notebook_address(server: ServerApp, path: str) -> str:
    """The address of a notebook below the server's `base_url`.

    Args:
        server: The server. What it was started as is what it shows first, and where its notebooks open: `jupyter
            notebook` has JupyterLab beside it.
        path: The notebook, as the server's contents have it.
    """
    return str(url_path_join(server.base_url, _place(server), url_escape(path)))


def _place(server: ServerApp) -> str:
    # an extension that is installed but switched off stands in `extensions`, too, and answers nothing
    linked = server.extension_manager.linked_extensions
    places = [place for name, place in _PLACES.items() if linked.get(name)]
    shown_first = server.default_url.removeprefix(server.base_url).lstrip("/")
    if _NOTEBOOK in places and shown_first.startswith(("tree", "notebooks", "nbclassic")):
        return _NOTEBOOK
    return places[0] if places else _FILE
