"""The Hub's address: the one given, the environment's, or the real Hub's."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

REAL_HUB = "https://huggingface.co"


def current_endpoint(endpoint: str | None) -> str:
    """The Hub's address: the one given, else $HF_ENDPOINT as it is now, else the real Hub's."""
    return (endpoint or os.environ.get("HF_ENDPOINT") or REAL_HUB).rstrip("/")


def is_web_url(text: str) -> bool:
    """Whether it is an address that can be opened, with http or https and a host.

    Example:
        >>> is_web_url("https://huggingface.co"), is_web_url("huggingface.co"), is_web_url("http://[")
        (True, False, False)
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
