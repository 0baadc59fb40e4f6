"""What is wrong in a text that the JSON parser refuses, where, and how to fix it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.limits import MAX_DEPTH, too_deep
from budsim_widgets.intake.wording import show_line

if TYPE_CHECKING:
    from json import JSONDecodeError

_CUT_WORDS: Final = r"(?:[tT](?:ru?)?|[fF](?:a(?:ls?)?)?|n(?:ul?)?|N(?:on?)?|-|\.|[eE][+-]?)\Z"
"""What is left of a value that is cut off."""

_PASTE_CONFIG: Final = "Paste the model's config.json, from the first { to the last }."
_PASTE_ALL: Final = "Copy the whole file, from the first { to the last }, and paste it again."


def syntax_error(text: str, error: JSONDecodeError, original: str) -> ConfigError:
    """The error for a text that the JSON parser refuses: TRUNCATED, TOO_DEEP or NOT_JSON, with the line.

    Args:
        text: What was parsed.
        error: What the parser says.
        original: What the person sees, line by line, where the JSON was made from it.
    """
    # Newer Pythons read deeper before they give up.
    if _depth(text[: error.pos]) > MAX_DEPTH:
        return too_deep()
    line = original.split("\n")[error.lineno - 1]
    place = f"Line {error.lineno}, column {error.colno}"
    shown = f"The line reads `{show_line(line, error.colno)}`."
    if _is_cut_off(text, error):
        message = f"The text ends too early: the copy was cut off at line {error.lineno}. {shown}"
        return ConfigError("TRUNCATED", message, next_step=_PASTE_ALL, line=error.lineno)
    reason, next_step = _reason(text, error)
    return ConfigError("NOT_JSON", f"{place}: {reason}. {shown}", next_step=next_step, line=error.lineno)


def _depth(text: str) -> int:
    """How many lists and objects are open at the end of a text."""
    outside = re.sub(r'(?s)"(?:[^"\\]|\\.?)*(?:"|\Z)', "", text)
    return sum(outside.count(bracket) for bracket in "[{") - sum(outside.count(bracket) for bracket in "]}")


def _is_cut_off(text: str, error: JSONDecodeError) -> bool:
    """Whether more text could have made it JSON: never where a whole value stands before the mistake."""
    if error.msg.startswith("Extra data") or not text.lstrip().startswith(("{", "[")):
        return False
    rest = text[error.pos :].strip()
    return (
        not rest
        or error.msg.startswith("Unterminated string")
        or bool(re.match(_CUT_WORDS, rest))
        or _is_cut_escape(rest)
    )


def _is_cut_escape(rest: str) -> bool:
    return re.fullmatch(r"\\?(?:u[0-9a-fA-F]{0,3})?", rest) is not None


def _reason(text: str, error: JSONDecodeError) -> tuple[str, str]:
    """What is wrong there, and how to fix it, told by what stands at that place."""
    rest = text[error.pos : error.pos + 8]
    if not text[: error.pos].strip() and rest[:1] not in {"{", "["}:
        return "a config begins with {, and this doesn't", _PASTE_CONFIG
    if error.msg.startswith("Extra data"):
        return _extra_data(text, rest)
    if text[error.pos - 1 : error.pos].isdecimal() and rest[:1].isalnum():
        return "the number isn't written in decimal digits", "Write it as 4096, 0.5 or 1e-5."
    if re.search(r"\d,\Z", text[max(0, error.pos - 2) : error.pos]) and re.match(r"\d{3}(?!\d)", rest):
        return "a comma stands inside of a number", "Write 4096, not 4,096."
    if error.msg.startswith("Expecting ','") and re.match(r"[*+/%]|-\s", rest):
        return "expressions aren't calculated", "Put the result in its place."
    answers = (
        *(answer for pattern, answer in _READ_OFF.items() if re.match(pattern, rest)),
        *(answer for start, answer in _REASONS.items() if error.msg.startswith(start)),
    )
    return next(iter(answers), ("this is no JSON", _PASTE_ALL))


def _extra_data(text: str, rest: str) -> tuple[str, str]:
    begins = text.lstrip().startswith("{")
    if begins and rest[:1] in {",", "}", "]"}:
        return "the config ends before this, so that a closing bracket is too many", "Remove that bracket."
    if not begins and rest[:1] in {":", ","}:
        return "the opening { is missing: the copy begins too late", _PASTE_ALL
    return "more text follows after the end of the config", "Paste one config.json and nothing else."


_COMMA_TOO_MANY: Final = (
    "something is missing before this, or a comma is too many",
    "Remove the last comma before the bracket.",
)
_READ_OFF: Final = {
    r"[}\]]": _COMMA_TOO_MANY,
    r"<<<<<<<|=======|>>>>>>>": ("two versions stand here, since a merge of git isn't finished", "Keep one of them."),
    r"\.\.\.|\u2026": ("something was left out here", _PASTE_ALL),
    "[\u201c-\u201f\u2018-\u201b]": ("a curly quote stands where a straight one belongs", 'Replace “ and ” by ".'),
}
"""How the rest of the text begins, and what is wrong and to be done then."""

_REASONS: Final = {
    "Illegal trailing comma": _COMMA_TOO_MANY,
    "Expecting ','": ("a comma is missing before this", "Put a comma between two fields."),
    "Expecting ':'": ("a colon is missing before this", 'A field reads "name": value.'),
    "Expecting property name": ("a field's name is missing", 'A field reads "name": value.'),
    "Expecting value": (
        "here a value was expected, and this is none",
        "Put a number, a text in quotes, true, false or null in its place.",
    ),
    "Invalid control": ("a line ends inside of quotes", "Put the closing quote where it belongs."),
    "Invalid \\": ("a backslash stands where none may", r"Write \\ for a backslash inside of quotes."),
}
