"""A pasted line, made plain: what surrounds it taken off, secrets refused before anything could repeat them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from budsim_widgets.access_tokens import compatible
from budsim_widgets.errors import ModelIdError
from budsim_widgets.printable import shortened

MAX_CHARACTERS = 2_000
_MAX_SHOWN_CHARACTERS = 80

# Anything that looks like an access token, also inside an address; and a whole line that begins like one.
_TOKEN = re.compile(r"hf_(?:oauth_|jwt_)?[A-Za-z0-9]{16,}|api_org_[A-Za-z0-9]{16,}", re.IGNORECASE)
_SECRET = re.compile(rf"{_TOKEN.pattern}|\bbearer\s+\S", re.IGNORECASE)
_SECRET_LINE = re.compile(r"(?:hf|api_org)_[^/]*", re.IGNORECASE)

# Word processors and web pages turn "-" into these.
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"), "-")
_LEADING = "\"'`<([\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
_TRAILING = "\"'`>)]\u201c\u201d\u2018\u2019\u00ab\u00bb.,;"


def clean(text: str) -> str:
    """Take off white space, quotes, invisible characters and the punctuation of a sentence.

    Raises:
        ModelIdError: Nothing is left; far too long for an id; a config; an access token (which is not repeated).
    """
    if not isinstance(text, str):
        raise ModelIdError("The id of a model is a text.", next_step="For example: meta-llama/Llama-3.1-8B.")
    if text.lstrip()[:1] == "{":
        raise ModelIdError(
            "This is a config, not the id of a model.", next_step="Paste it where a config is asked for."
        )
    if len(text) > MAX_CHARACTERS:
        raise ModelIdError(
            f"The id of a model has fewer than {MAX_CHARACTERS:,} characters, this has {len(text):,}.",
            next_step="Type its id, for example meta-llama/Llama-3.1-8B.",
        )
    cleaned = _strip("".join(c for c in text.translate(_DASHES) if unicodedata.category(c) != "Cf"))
    refuse_secrets(cleaned)
    if not cleaned:
        raise ModelIdError("No model is named.", next_step="Type its id, for example meta-llama/Llama-3.1-8B.")
    return cleaned


def shown(text: str) -> str:
    """A person's text as a message repeats it: one line, not too long."""
    return f"“{' '.join(shortened(text, _MAX_SHOWN_CHARACTERS).split())}”"


def _strip(text: str) -> str:
    before = None
    while text != before:
        before, text = text, text.strip().lstrip(_LEADING).rstrip(_TRAILING)
    return text


def holds_secret(text: str) -> bool:
    """Whether something in it looks like an access token."""
    plain = compatible(unquote(text))
    return bool(_SECRET.search(plain) or _TOKEN.search("".join(plain.split())))


def without_tokens(text: str) -> str:
    """The text with whatever looks like an access token taken out."""
    return _TOKEN.sub("(an access token)", text)


def refuse_secrets(text: str) -> None:
    """Raise a ModelIdError, which doesn't repeat it, for what looks like an access token."""
    if holds_secret(text) or _SECRET_LINE.fullmatch(compatible(unquote(text))):
        raise ModelIdError(
            "This contains an access token, not the id of a model. It was neither kept nor sent anywhere.",
            next_step="Type an id such as meta-llama/Llama-3.1-8B. If others can see this screen, renew the token.",
        )
