"""What access tokens look like, also where a line break, full-width letters or invisible characters are in them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Each with a text that stands in every match (in lower case): looking for that first is a hundred times faster, and a
# pattern that isn't needed is never compiled.
TOKENS: Final = (
    ("hf_", r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{16}|hf_[A-Za-z0-9]{30}"),
    ("hf_oauth_", r"hf_oauth_[A-Za-z0-9]"),
    ("hf_jwt_", r"hf_jwt_[A-Za-z0-9]"),
    ("api_org_", r"(?<![A-Za-z0-9])api_org_[A-Za-z0-9]{16}"),
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
"""Those that are known by themselves."""

# Longer than what intake refuses behind the word: a message may speak of bearer tokens.
_MASKED: Final = (*TOKENS, ("bearer", r"(?i:\bbearer)\s{1,20}[A-Za-z0-9._~+/=-]{16}"))
_REST: Final = r"[A-Za-z0-9_.~+/=-]*"
_MARKERS: Final = (
    *(
        "hf_",
        "api_org_",
        "sk-",
        "nvapi-",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "xox",
        "akia",
    ),
    *("eyj", "private key-----", "bearer"),
)
_SHORTEST: Final = 10
_INVISIBLE: Final = "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u034f\u061c\u180e\ufe00-\ufe0f]"
_COLOUR: Final = r"(?:\x1b|\\u001b)\[[0-9;]{0,20}m"
_LETTER: Final = r"\w"


def masked(text: str) -> str:
    """A text of the same length with stars in place of access tokens.

    Where one is broken, all letters and digits of the text become stars.

    Example:
        >>> masked("login with hf_AbCdEfGhIjKlMnOpQr please")
        'login with ********************* please'
    """
    if len(text) < _SHORTEST or not _may_hold(text):
        return text
    starred, number = _starred(text)
    # A part of a broken one may look like one, too.
    is_broken = any(_starred(form)[1] > number for form in _forms(text))
    return re.sub(_LETTER, "*", text) if is_broken else starred


def holds_token(text: str, patterns: Iterable[tuple[str, str]] = TOKENS) -> bool:
    """Whether one of these patterns is found; each stands beside what is in every match, in lower case."""
    lowered = text.lower()
    return any(marker in lowered and re.search(pattern, text) for marker, pattern in patterns)


def plain_letters(text: str) -> str:
    """The text in the letters that tokens have: without invisible characters and colours, full-width forms as ASCII."""
    if "\x1b" in text or "\\u001b" in text:
        text = re.sub(_COLOUR, "", text)
    return text if text.isascii() else re.sub(_INVISIBLE, "", compatible(text))


def without_line_breaks(text: str) -> str:
    """The text as one line, as it was before a terminal, a mail or a quotation broke it."""
    lines = text.replace("\\n", "\n").replace("\\r", "\n").splitlines()
    return "".join(line.strip(" \t>|") for line in lines)


def compatible(text: str) -> str:
    r"""The text with each character replaced by its compatible form (NFKC): full-width letters become ASCII.

    One character at a time: normalizing a whole text sorts its runs of combining marks, which takes quadratic time.

    Example:
        >>> compatible("\uff28\uff26_")
        'HF_'
    """
    if text.isascii():
        return text
    return text.translate({ord(sign): unicodedata.normalize("NFKC", sign) for sign in set(text) if not sign.isascii()})


def _may_hold(text: str) -> bool:
    for form in _forms(text):
        lowered = form.lower()
        for marker in _MARKERS:
            if marker in lowered:
                return True
    return False


def _starred(text: str) -> tuple[str, int]:
    """The text with stars for those tokens that stand in it as they are, and how many these are."""
    starred, lowered, number = text, text.lower(), 0
    for marker, pattern in _MASKED:
        if marker in lowered:
            starred = re.sub(f"(?:{pattern}){_REST}", lambda found: "*" * len(found[0]), starred)
            number = starred.count("*") - text.count("*")
    return starred, number


def _forms(text: str) -> Iterable[str]:
    """The text as it reads, and as it was before its lines were broken."""
    plain = plain_letters(text)
    yield plain
    if not plain.isprintable() or "\\" in plain:
        yield without_line_breaks(plain)
