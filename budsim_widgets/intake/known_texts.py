"""Texts that people paste in place of a config: web pages, error answers, pointers to files."""

from __future__ import annotations

import re
from typing import Any, Final

from budsim_widgets.errors import ConfigError

_HEAD_CHARACTERS: Final = 4_000
"""How far a text is searched for the words of an answer; each of them comes early."""

_HTML: Final = re.compile(r"<(?:!doctype\s+html|html|head|body|script|meta|div|title)\b", re.IGNORECASE)
_XML: Final = re.compile(r"<(?:\?xml\b|Error>)")
_GATED: Final = re.compile(
    r"access to (?:this )?model\b.{0,200}?\bis restricted"
    r"|you need to (?:agree to )?share your contact information to access"
    r"|you have to accept the conditions to access"
    r"|you must (?:have access to it and )?be authenticated to access it"
    r"|not in the authorized list"
    r"|cannot access gated repo"
    r"|your request to access .{0,200}?(?:is awaiting|has been rejected)"
    r"|awaiting a review from the repo authors"
    r"|enable access to public gated repositories",
    re.IGNORECASE | re.DOTALL,
)
_ANSWER: Final = re.compile(
    r"\s*(?:(?:\d{3}:? )?(?:not found|forbidden|unauthorized|bad gateway|too many requests|internal server error)"
    r"|(?:repository|entry|revision) not found|invalid (?:username or password|credentials)|access denied"
    r"|traceback \(most recent call last\)|\w+(?:\.\w+)*error:)",
    re.IGNORECASE,
)
_MESSAGE_KEYS: Final = ("error", "errors", "detail", "message", "msg")
_STATUS_KEYS: Final = ("status", "status_code", "statusCode", "code", "error_code", "requestId", "request_id")

_PASTE_FILE: Final = "Open the model's config.json on the Hub (Files and versions), copy the file itself and paste it."
_ASK_FOR_ACCESS: Final = "Get the config.json from someone who has access, or ask for access on the model's page."


def refuse_known_text(text: str) -> None:
    """Refuse a text that is known to be something else than JSON.

    Raises:
        ConfigError: HTML_PAGE, GATED_PAGE, API_ERROR or LFS_POINTER.
    """
    head = text[:_HEAD_CHARACTERS].lstrip()
    if head.startswith("version https://git-lfs.github.com/spec/"):
        message = "This is a git-lfs pointer: it names the file's hash, not what is in the file."
        raise ConfigError("LFS_POINTER", message, next_step="Run `git lfs pull`, or download config.json from the Hub.")
    if head.startswith(("{", "[", '"', "```")):
        return
    if _GATED.search(text[: 16 * _HEAD_CHARACTERS]):
        raise gated_page()
    if _XML.match(head):
        raise _api_error("The text is an error answer of a server, not a config.json.")
    if head.startswith("<") and _HTML.search(head):
        raise ConfigError("HTML_PAGE", "The text is a web page, not the file that it shows.", next_step=_PASTE_FILE)
    if _ANSWER.match(head):
        raise _api_error("The text is an error message, not a config.json.")


def refuse_error_answer(value: Any) -> None:
    """Refuse JSON that is the error answer of a server.

    Raises:
        ConfigError: API_ERROR, or GATED_PAGE where access to the model is what it is about.
    """
    if not isinstance(value, dict) or "model_type" in value:
        return
    messages = [value[key] for key in _MESSAGE_KEYS if key in value]
    if messages and (len(value) <= len(messages) + 2 or any(key in value for key in _STATUS_KEYS)):
        if any(isinstance(message, str) and _GATED.search(message[:_HEAD_CHARACTERS]) for message in messages):
            raise gated_page()
        raise _api_error("The text is the error answer of a server, not a config.json.")


def gated_page() -> ConfigError:
    """The error for the Hub's notice that access is restricted."""
    return ConfigError(
        "GATED_PAGE",
        "The text is the Hub's notice that access to the model is restricted, not its config.json.",
        next_step=_ASK_FOR_ACCESS,
    )


def _api_error(message: str) -> ConfigError:
    return ConfigError("API_ERROR", message, next_step=_PASTE_FILE)
