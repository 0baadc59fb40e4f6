"""How large a pasted config may be; checked before a parser sees it.

A real config.json has 1 to 30 KiB, with quantization lists for each layer up to 200 KiB. `json.loads` alone takes
9 seconds and 1.1 GB for 50 MB of `[],`.
"""

from __future__ import annotations

from typing import Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.folding import MAX_FOLDED_BYTES

MAX_BYTES: Final = 256 * 1024
MAX_BRACKETS: Final = 2_000
MAX_COMMAS: Final = 20_000
MAX_DEPTH: Final = 32
MAX_DIGITS: Final = 31  # `model_max_length` of tokenizers is 10**30, as a float gives it
MAX_FLOAT_CHARACTERS: Final = 64
MAX_TOKENS: Final = 6_000
"""Brackets, comments, names and texts with escapes, where a text isn't plain JSON and each has to be looked at."""
MAX_ESCAPES: Final = 10_000
MAX_COLONS: Final = 40_000
MAX_LINES: Final = 20_000
"""Backslashes, colons and lines in a text that isn't JSON; with more, no other format is tried."""

_LISTING: Final = "general.architecture"
_PASTE_KEYS: Final = "Paste the keys alone, without lists of tokens and tensors: `gguf-dump --no-tensors` prints them."
_PASTE_CONFIG: Final = "Paste the model's config.json; it has a few KiB, other files of a model are much larger."


def check_size(num_bytes: int, text: str = "") -> None:
    """Refuse a text of more than `MAX_BYTES`.

    Args:
        num_bytes: How large it is.
        text: The text, where it is known; it tells what to paste in its place.

    Raises:
        ConfigError: TOO_LARGE.
    """
    if num_bytes > MAX_FOLDED_BYTES:  # of a longer file, a browser sends no more
        message = (
            f"The text has more than {MAX_FOLDED_BYTES / 1024:,.0f} KiB; a config may have {MAX_BYTES // 1024} KiB."
        )
        raise ConfigError("TOO_LARGE", message, next_step=_next_step(text))
    if num_bytes > MAX_BYTES:
        message = f"The text has {num_bytes / 1024:,.0f} KiB; a config may have {MAX_BYTES // 1024} KiB."
        raise ConfigError("TOO_LARGE", message, next_step=_next_step(text))


def check_counts(text: str) -> None:
    """Refuse a text with more brackets or commas than any config has.

    Raises:
        ConfigError: TOO_MANY_ITEMS.
    """
    check_items(text.count("[") + text.count("{"), text.count(",") + 1, text)


def check_items(num_containers: int, num_items: int, text: str = "") -> None:
    """Refuse more lists and objects, or more items in all, than any config has.

    Args:
        num_containers: Lists and objects.
        num_items: What they hold, together.
        text: The text, where there is one; it tells what to paste in its place.

    Raises:
        ConfigError: TOO_MANY_ITEMS.
    """
    for number, limit, noun in (
        (num_containers, MAX_BRACKETS, "lists and objects"),
        (num_items, MAX_COMMAS, "items"),
    ):
        if number > limit:
            raise ConfigError(
                "TOO_MANY_ITEMS",
                f"The text has {number:,} {noun}; a config may have {limit:,}.",
                next_step=_next_step(text),
            )


def _next_step(text: str) -> str:
    return _PASTE_KEYS if _LISTING in text[:MAX_BYTES] else _PASTE_CONFIG


def too_deep() -> ConfigError:
    """The error for lists and objects inside each other beyond `MAX_DEPTH`."""
    return ConfigError(
        "TOO_DEEP",
        f"More than {MAX_DEPTH} lists or objects stand inside each other.",
        next_step="Paste the model's config.json as it is in its repository.",
    )


def too_many_tokens(limit: int) -> ConfigError:
    """The error for a text in Python's way of writing with more parts than any config has."""
    return ConfigError(
        "TOO_MANY_ITEMS",
        f"The text is no JSON, and has more than {limit:,} brackets, names and comments.",
        next_step=_PASTE_CONFIG,
    )


def too_many_keys(limit: int) -> ConfigError:
    """The error for a listing of GGUF metadata that is longer than any file's."""
    return ConfigError(
        "TOO_MANY_ITEMS",
        f"The GGUF listing has more than {limit:,} lines of keys or tensors.",
        next_step=_PASTE_KEYS,
    )
