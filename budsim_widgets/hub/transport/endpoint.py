"""The Hub's address: the one given, the environment's, or the real Hub's."""

from __future__ import annotations

import os
import re
from typing import Final
from urllib.parse import urlsplit

REAL_HUB = "https://huggingface.co"
ENVIRONMENT_VARIABLE: Final = "HF_ENDPOINT"

_MAX_HOST_CHARACTERS: Final = 253
_LABEL: Final = re.compile(r"[^.]{1,63}")
_ODD: Final = re.compile(r"[\s<>\"{}|\\^`]")


def current_endpoint(endpoint: str | None) -> str:
    """The Hub's address: the one given, else $HF_ENDPOINT as it is now, else the real Hub's."""
    return (endpoint or environment_endpoint() or REAL_HUB).strip().rstrip("/")


def environment_endpoint() -> str | None:
    """What $HF_ENDPOINT says now, or None where it says nothing."""
    return os.environ.get(ENVIRONMENT_VARIABLE, "").strip() or None


def unreadable_environment_endpoint() -> str | None:
    """$HF_ENDPOINT where it doesn't even read as an address: with such a one, the Hub's client can't be imported."""
    text = os.environ.get(ENVIRONMENT_VARIABLE, "")
    try:
        _ = urlsplit(text).port
    except ValueError:
        return text
    return None


def is_web_url(text: str) -> bool:
    """Whether it is an address that can be opened, with http or https and a host; a port and a path may follow.

    Example:
        >>> is_web_url("https://huggingface.co"), is_web_url("huggingface.co"), is_web_url("http://[")
        (True, False, False)
        >>> is_web_url("http://127.0.0.1:99999")
        False
    """
    try:
        parts = urlsplit(text)
        port = parts.port  # read here, since a bad one raises only now
    except ValueError:  # half an IPv6 address, a port that is none
        return False
    is_bare = not (parts.query or parts.fragment or _ODD.search(text)) and text.isprintable()
    return is_bare and parts.scheme in {"http", "https"} and port != 0 and _is_host(parts.hostname or "")


def _is_host(name: str) -> bool:
    labels = name.removesuffix(".").split(".")
    return len(name) <= _MAX_HOST_CHARACTERS and all(map(_LABEL.fullmatch, labels))
