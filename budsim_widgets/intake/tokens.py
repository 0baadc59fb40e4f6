"""Access tokens in a paste: refused, and never repeated in a message."""

from __future__ import annotations

import re
from typing import Final

from budsim_widgets.access_tokens import TOKENS, holds_token, plain_letters, without_line_breaks
from budsim_widgets.errors import ConfigError

# Between a field's name and its value, in JSON, in Python and in a listing of GGUF metadata (`str = "…"`).
_IS: Final = r'["\']?\s{0,20}(?:str\s{0,20})?[:=]\s{0,20}'

_TOKENS: Final = (("bearer", r"(?i:\bbearer)\s{1,20}[A-Za-z0-9._~+/=-]{6}"), *TOKENS)
_PATTERNS: Final = (
    *_TOKENS,
    *(
        (name, rf'{name}{_IS}["\'][^"\'\s]{{8}}')
        for name in ("hf_token", "access_token", "auth_token", "api_token", "secret_token")
    ),
    *((name, rf'(?i:{name}){_IS}["\'][^"\'\s]{{8}}') for name in ("api_key", "apikey", "secret_key", "secretkey")),
    ("password", rf'(?i:password){_IS}["\'][^"\']'),
)
_ESCAPE: Final = r"\\(?:u00|x|U000000)([2-7][0-9a-fA-F])"


def refuse_secrets(text: str) -> None:
    """Refuse a text that holds an access token.

    Raises:
        ConfigError: SECRET; its message doesn't show the token.
    """
    plain = plain_letters(text)
    if holds_token(plain, _PATTERNS) or holds_token(without_line_breaks(plain), _TOKENS):
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
