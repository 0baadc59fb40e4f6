"""Where a server opens notebooks: in JupyterLab, in Notebook, or as files where it has neither; its language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jupyter_server.utils import url_escape, url_path_join
from tornado.web import HTTPError

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

_LAB: Final = "lab/tree"
_NOTEBOOK: Final = "notebooks"
_FILE: Final = "files"
"""What every server has: it gives the notebook to whatever opens it, such as VS Code."""

_LANGUAGE_SETTINGS: Final = "@jupyterlab/translation-extension:plugin"
_OF_THE_SYSTEM: Final = "default"
"""The language of the server's system, which says nothing of its reader's."""

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


def language_setting(server: ServerApp) -> str:
    """The language that is chosen in the settings of JupyterLab or Notebook; empty where none is."""
    apps = (app for name in _PLACES for app in server.extension_manager.extension_apps.get(name, ()))
    for app in apps:
        folders = [getattr(app, name, "") for name in ("app_settings_dir", "schemas_dir", "user_settings_dir")]
        if all(folders):
            return _locale(*folders)
    return ""


def _locale(app_settings: str, schemas: str, user_settings: str) -> str:
    """As JupyterLab itself reads its settings: this person's, else those of whoever set up the server."""
    from jupyterlab_server.settings_utils import get_settings  # noqa: PLC0415 - there is one where it is JupyterLab's

    try:
        found: dict[str, Any] = get_settings(app_settings, schemas, user_settings, _LANGUAGE_SETTINGS)[0]
    except (HTTPError, OSError):  # it has no such settings, or they can't be read
        return ""
    usual = found["schema"].get("properties", {}).get("locale", {}).get("default")
    locale = found["settings"].get("locale", usual)
    return locale if isinstance(locale, str) and locale != _OF_THE_SYSTEM else ""


def _place(server: ServerApp) -> str:
    # an extension that is installed but switched off stands in `extensions`, too, and answers nothing
    linked = server.extension_manager.linked_extensions
    places = [place for name, place in _PLACES.items() if linked.get(name)]
    shown_first = server.default_url.removeprefix(server.base_url).lstrip("/")
    if _NOTEBOOK in places and shown_first.startswith(("tree", "notebooks", "nbclassic")):
        return _NOTEBOOK
    return places[0] if places else _FILE
