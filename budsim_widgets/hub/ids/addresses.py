"""The Hub's addresses: its hosts, and the pages that are no models."""

from __future__ import annotations

import re

from budsim_widgets.errors import ModelIdError
from budsim_widgets.hub.ids.pasted_line import shown

HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co", "hf-mirror.com"})

RESERVED_PATHS = {
    "datasets": "a dataset",
    "spaces": "a Space",
    "collections": "a collection",
    "docs": "a page of the documentation",
    "papers": "a page about a paper",
    "settings": "a page of the settings",
    "models": "a list of models",
    "api": "an address of the programming interface",
    "kernels": "a kernel",
    "buckets": "a storage bucket",
    "blog": "an article",
    "posts": "an article",
    "learn": "a course",
    "tasks": "a page about a task",
    "chat": "the chat",
    "organizations": "the page of an organization",
    "join": "the page to sign up",
    "login": "the page to log in",
    "new": "a form",
    "pricing": "the price list",
    "search": "a search",
    "notifications": "a page of the account",
}
"""First parts of an address (or second ones, below an owner) that the Hub keeps for itself."""

_LOCAL_PATH = re.compile(r"/|\.{1,2}(?:/|$)|~|[A-Za-z]:[\\/]|file:|.*\\", re.DOTALL)
_CLONE = re.compile(r"git@(?P<host>[^:/]+):(?P<path>.*)", re.DOTALL)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]*)://(?P<rest>.*)", re.DOTALL | re.ASCII)


def is_hub_path(text: str) -> bool:
    """Whether a text is an address of the client's own kind, `hf://…`, in which a path follows the id."""
    return text[:5].lower() == "hf://"


def split_url(text: str) -> tuple[bool, str]:
    """Take scheme, host and query away.

    Returns:
        Whether it was an address (rather than a bare id), and the path on the Hub.

    Raises:
        ModelIdError: A path on this machine, or a page of another site.
    """
    if _LOCAL_PATH.match(text):
        raise ModelIdError(
            f"{shown(text)} is a path on this machine, not the id of a model.",
            next_step="Type an id such as meta-llama/Llama-3.1-8B, or paste what the file holds.",
        )
    clone = _CLONE.fullmatch(text)
    if clone:
        text = f"ssh://{clone['host']}/{clone['path']}"
    match = _SCHEME.fullmatch(text)
    if match is None:
        return _split_bare(re.split(r"[?#]", text)[0])
    rest = re.split(r"[?#]", match["rest"])[0]
    if match["scheme"].lower() == "hf":
        return True, rest
    authority, _, path = rest.partition("/")
    host = authority.rpartition("@")[2].partition(":")[0].lower()
    if host not in HOSTS:
        raise ModelIdError(
            f"{shown(host)} isn't the Hugging Face Hub.",
            next_step="Type the id that the model has there, for example meta-llama/Llama-3.1-8B.",
        )
    return True, path


def _split_bare(text: str) -> tuple[bool, str]:
    host, _, path = text.partition("/")
    return (True, path) if host.lower() in HOSTS else (False, text)
