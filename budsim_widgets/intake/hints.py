"""What a text that can't be read seems to be, for an answer that helps more than the place of a syntax error."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from budsim_widgets.errors import ConfigError

_HEAD_CHARACTERS: Final = 2_000
_COPY: Final = "Open the model's config.json (on the Hub: Files and versions), copy all of it and paste it here."
_PRINT: Final = "Paste what print(model.config) shows, or the model's config.json."
_NO_FIELD: Final = r"(?![\s\S]{0,2000}\"\w{1,60}\":)"
"""That no field of JSON follows: where one does, the lines may be a config which a program printed, cut short."""
_AS_JSON: Final = "Paste the model's config.json itself; it begins with { and ends with }."


class Hint(NamedTuple):
    """A kind of text: how it begins, what it is, and what to do."""

    pattern: str
    message: str
    next_step: str = _COPY
    code: str = "NOT_JSON"


# The first that matches the beginning counts.
_HINTS: Final = (
    Hint(r"(?:https?|hf)://\S+\s*\Z", "This is an address, not what is found there."),
    Hint(
        r"(?:file:|~|\.{0,2}/|[A-Za-z]:\\)\S*\s*\Z",
        "This is the path of a file, not what is in it.",
        "Open that file, copy all of it and paste it here, or upload it.",
    ),
    Hint(
        r"[\w.-]{1,100}/[\w.-]{1,100}\s*\Z",
        "This is the id of a model, not its config.json.",
        f"Type it where the model is chosen. {_COPY}",
    ),
    Hint(r"ModelInfo\(", "This is the Hub's information about a model, not its config.json.", _COPY, "WRONG_FILE"),
    Hint(
        r"\w{1,100}\(\s{1,20}\(\w{1,100}\): ",
        "This is a printed model: its modules, without the sizes of its heads.",
        _PRINT,
        "WRONG_FILE",
    ),
    Hint(
        r"(?:[^\n]{0,200}\n)?\s{0,9}Model\s{0,9}\n\s{0,9}arch(?:itecture)?\s",
        "This is the short form of what `ollama show` prints; it has no layers and no heads.",
        "Paste what `ollama show --verbose` prints.",
        "WRONG_FILE",
    ),
    Hint(
        r"(?:#[^\n]*\n\s*)*FROM[ \t]+\S",
        "This is an Ollama Modelfile: it only names a model.",
        "Paste what `ollama show --verbose` prints, or the config.json of the model behind FROM.",
        "WRONG_FILE",
    ),
    Hint(
        r"NAME[ \t]{2,200}ID[ \t]{2,200}SIZE\s",
        "This is Ollama's list of models.",
        "Paste what `ollama show --verbose` prints about the model.",
        "WRONG_FILE",
    ),
    Hint(
        r"(?:\([^)\n]{1,100}\) )?(?:INFO|WARNING|DEBUG|ERROR) \d\d-\d\d (?![^\n]{0,300}Config \{)",
        "This is vLLM's log, not a config.json.",
        "Paste the config.json of the model that it names; the log is for `check_log`.",
        "WRONG_FILE",
    ),
    Hint(
        _NO_FIELD + r"\[20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d|\[(?:INFO|WARNING|DEBUG|ERROR)\b|\[rank\d{1,4}\]",
        "This is a log, such as SGLang's, not a config.json.",
        "Paste the config.json of the model that it names; the log is for `check_log`.",
        "WRONG_FILE",
    ),
    Hint(
        r"(?:\$ )?(?:vllm serve|python3? -m|llama-(?:server|cli)|docker run|ollama (?:run|pull)|hf download) ",
        "This is a command, not a config.json.",
        _COPY,
    ),
    Hint(
        r"[+|][-=+]{10,200}[+|]?\s{1,9}\|\s{1,9}NVIDIA-SMI ",
        "This is what nvidia-smi prints.",
        f"Choose the card where the accelerator is chosen. {_COPY}",
    ),
    Hint(
        r"(?:slices|models|merge_method):[^\n]{0,200}\n[\s\S]{0,1500}(?:layer_range|merge_method|base_model):",
        "This is a recipe of mergekit.",
        "Paste the config.json of the merged model, or, unless it stacks layers, of its base model.",
        "WRONG_FILE",
    ),
    Hint(
        r"(?:#[^\n]*\n\s*)*(?:base_model|model_name_or_path):[ \t]",
        "This is the recipe of a fine-tuning.",
        "Paste the config.json of its base model.",
        "WRONG_FILE",
    ),
    Hint(r"---\s*\n", "This is YAML, as at the beginning of a model card, not a config.json.", _AS_JSON),
    Hint(r"<", "This is XML or a piece of a web page, not a config.json."),
    Hint(r"(?:#[^\n]*\n\s*)*(?:[\w.-]{1,100}:(?:[ \t][^\n]*)?(?:\n\s*|\Z)){2}", "This is YAML, not JSON.", _AS_JSON),
    Hint(
        r"(?:\[[\w.]{1,100}\][^\S\n]*\n\s*)?(?:[\w.]{1,100}(?:[ \t]*=|\t)[^\n]*(?:\n\s*|\Z)){2}",
        "These are lines with names and values, not a JSON object.",
        _AS_JSON,
    ),
)


def hint(text: str) -> ConfigError | None:
    """A better error for a text that is neither JSON nor anything else that is read, or None.

    Example:
        >>> hint("meta-llama/Llama-3.1-8B").message
        'This is the id of a model, not its config.json.'
    """
    head = text[:_HEAD_CHARACTERS].lstrip()
    found = next((known for known in _HINTS if re.match(known.pattern, head)), None)
    return ConfigError(found.code, found.message, next_step=found.next_step, line=1) if found else None
