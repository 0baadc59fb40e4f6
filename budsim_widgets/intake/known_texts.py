"""Texts that people paste in place of a config: web pages, error answers, pointers to files."""

from __future__ import annotations

import re
from typing import Any, Final

from budsim_widgets.errors import ConfigError

_HEAD_CHARACTERS: Final = 4_000
"""How far a text is searched for the words of an answer; each of them comes early."""

# Patterns are kept as text, so that they are compiled when a paste needs them and not at every import.
_HTML: Final = r"(?i)<(?:!doctype\s+html|html|head|body|script|meta|div|title)\b"
_OPENVINO: Final = r"<\?xml\b[^>]{0,200}>\s{0,100}<net\b"
_XML: Final = r"<(?:\?xml\b|Error>)"
# A text is a notice of the gate if it holds all of one of these, in any case of its letters.
_GATE_NOTICES: Final = (
    ("access to", "model", "is restricted"),
    ("share your contact information to access",),
    ("have to accept the conditions to access",),
    ("be authenticated to access it",),
    ("not in the authorized list",),
    ("cannot access gated repo",),
    ("your request to access", "is awaiting"),
    ("your request to access", "has been rejected"),
    ("your request to access", "pending a review"),
    ("trying to access a gated repo",),
    ("awaiting a review from the repo authors",),
    ("enable access to public gated repositories",),
)
_ANSWER: Final = (
    r"(?i)\s*(?:(?:\d{3}:? )?(?:not found|forbidden|unauthorized|bad gateway|too many requests|internal server error)"
    r"|(?:repository|entry|revision) not found|invalid (?:username or password|credentials)|access denied"
    r"|traceback \(most recent call last\)|\w+(?:\.\w+)*error:)"
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
    if _is_gate_notice(text):
        raise gated_page()
    if re.match(_OPENVINO, head):
        message = "This is OpenVINO's description of a graph, not the model's config.json."
        raise ConfigError("WRONG_FILE", message, next_step="Paste the file config.json that lies beside it.")
    if re.match(_XML, head):
        raise _api_error("The text is an error answer of a server, not a config.json.")
    if head.startswith("<") and re.search(_HTML, head):
        raise ConfigError("HTML_PAGE", "The text is a web page, not the file that it shows.", next_step=_PASTE_FILE)
    if re.match(_ANSWER, head):
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
        if any(isinstance(message, str) and _is_gate_notice(message) for message in messages):
            raise gated_page()
        raise _api_error("The text is the error answer of a server, not a config.json.")


def _is_gate_notice(text: str) -> bool:
    lowered = text.lower()
    return any(all(words in lowered for words in notice) for notice in _GATE_NOTICES)


def gated_page() -> ConfigError:
    """The error for the Hub's notice that access is restricted."""
    return ConfigError(
        "GATED_PAGE",
        "The text is the Hub's notice that access to the model is restricted, not its config.json.",
        next_step=_ASK_FOR_ACCESS,
    )


def _api_error(message: str) -> ConfigError:
    return ConfigError("API_ERROR", message, next_step=_PASTE_FILE)
