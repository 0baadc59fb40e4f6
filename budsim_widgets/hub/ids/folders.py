"""Folders of a model that have a config.json of their own, as addresses of the Hub name them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from budsim_widgets.errors import ModelIdError
from budsim_widgets.hub.ids.pasted_line import refuse_secrets, shown

CONFIG_FILE: Final = "config.json"
_MAX_CHARACTERS: Final = 200
_FILE: Final = re.compile(r"[^/]+\.(?:gguf|bin|pth?|py|md|jsonl?|safetensors|ya?ml|txt|ipynb)", re.IGNORECASE)


def folder_of_file(path: str) -> str:
    """The folder of a config.json; empty for another file, since the model's own config is that of its weights.

    Example:
        >>> folder_of_file("text_encoder/config.json"), folder_of_file("config.json"), folder_of_file("a/b.safetensors")
        ('text_encoder', '', '')
    """
    folder, _, name = path.rpartition("/")
    return unquote(folder) if name == CONFIG_FILE else ""


def folder_of_path(path: str) -> str:
    """The folder that a path is, or that of the config.json at its end.

    Example:
        >>> folder_of_path("text_encoder"), folder_of_path("vae/config.json"), folder_of_path("model.gguf")
        ('text_encoder', 'vae', '')
    """
    name = path.rpartition("/")[2]
    return folder_of_file(path) if _FILE.fullmatch(name) else unquote(path)


def checked_folder(folder: str) -> str:
    """The folder, if it can be one in a repository.

    Raises:
        ModelIdError: It can't.

    Example:
        >>> checked_folder("transformer/blocks")
        'transformer/blocks'
    """
    if not folder:
        return ""
    refuse_secrets(folder)
    parts = folder.split("/")
    if any(part in {"", ".", ".."} for part in parts) or "\\" in folder or not folder.isprintable():
        raise _no_folder(folder)
    if len(folder) > _MAX_CHARACTERS:
        raise _no_folder(folder)
    return folder


def _no_folder(folder: str) -> ModelIdError:
    return ModelIdError(
        f"{shown(folder)} can't be a folder of a model.",
        next_step="Open the folder's config.json on the Hub, and copy the address of that page.",
    )
