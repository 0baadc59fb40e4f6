"""Access tokens in a paste: refused, and never repeated in a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import compatible

if TYPE_CHECKING:
    from collections.abc import Iterable

# Between a field's name and its value, in JSON, in Python and in a listing of GGUF metadata (`str = "…"`).
_IS: Final = r'["\']?\s{0,20}(?:str\s{0,20})?[:=]\s{0,20}'

# Each with a text that stands in every match (in lower case): looking for that first is a hundred times faster, and a
# pattern that isn't needed is never compiled.
_TOKENS: Final = (
    ("hf_", r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{16}"),
    ("hf_oauth_", r"hf_oauth_[A-Za-z0-9]"),
    ("hf_jwt_", r"hf_jwt_[A-Za-z0-9]"),
    ("api_org_", r"(?<![A-Za-z0-9])api_org_[A-Za-z0-9]{16}"),
    ("bearer", r"(?i:\bbearer)\s{1,20}[A-Za-z0-9._~+/=-]{6}"),
    ("sk-", r"(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20}"),
    ("nvapi-", r"(?<![A-Za-z0-9])nvapi-[A-Za-z0-9_-]{20}"),
    ("gh", r"(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{30}"),
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{20}"),
    ("glpat-", r"(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}"),
    ("xox", r"(?<![A-Za-z0-9])xox[abeprs]-[A-Za-z0-9-]{10}"),
    ("akia", r"(?<![A-Za-z0-9])AKIA[0-9A-Z]{16}"),
    ("eyj", r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8}"),
    ("private key-----", r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
)
_PATTERNS: Final = (
    *_TOKENS,
    *(
        (name, rf'{name}{_IS}["\'][^"\'\s]{{8}}')
        for name in ("hf_token", "access_token", "auth_token", "api_token", "secret_token")
    ),
    *((name, rf'(?i:{name}){_IS}["\'][^"\'\s]{{8}}') for name in ("api_key", "apikey", "secret_key", "secretkey")),
    ("password", rf'(?i:password){_IS}["\'][^"\']'),
)
_INVISIBLE: Final = "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u034f\u061c\u180e\ufe00-\ufe0f]"
_ESCAPE: Final = r"\\(?:u00|x|U000000)([2-7][0-9a-fA-F])"


def refuse_secrets(text: str) -> None:
    """Refuse a text that holds an access token.

    Raises:
        ConfigError: SECRET; its message doesn't show the token.
    """
    plain = _plain_letters(text)
    if _holds_secret(plain, _PATTERNS) or _holds_secret(_without_line_breaks(plain), _TOKENS):
        raise ConfigError(
            "SECRET",
            "The text contains what looks like an access token. It was not kept.",
            next_step="Remove it and paste the config without it; if you pasted it elsewhere too, revoke it.",
        )


def refuse_escaped_secrets(text: str) -> None:
    r"""Refuse a text that can't be parsed and holds a token in escapes (`\u0068\u0066_…`) or in adjacent quotes.

    Raises:
        ConfigError: SECRET.
    """
    plain = re.sub(_ESCAPE, lambda match: chr(int(match[1], 16)), text) if "\\" in text else text
    plain = plain.replace("\\_", "_").replace("&amp;", "&").replace("&#95;", "_")
    joined = re.sub(r"""["'](?:\s{0,20}\+)?\s{0,20}["']""", "", plain)
    for changed in {plain, joined} - {text}:
        refuse_secrets(changed)


def _plain_letters(text: str) -> str:
    """The text in the letters that tokens have: without invisible characters, full-width forms as ASCII."""
    return text if text.isascii() else re.sub(_INVISIBLE, "", compatible(text))


def _without_line_breaks(text: str) -> str:
    """The text as one line, as it was before a terminal, a mail or a quotation broke it."""
    lines = text.replace("\\n", "\n").replace("\\r", "\n").splitlines()
    return "".join(line.strip(" \t>|") for line in lines)


def _holds_secret(text: str, patterns: Iterable[tuple[str, str]]) -> bool:
    lowered = text.lower()
    return any(marker in lowered and re.search(pattern, text) for marker, pattern in patterns)
