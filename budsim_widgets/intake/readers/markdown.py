"""A config in a code block of Markdown: an answer of a chat, a README, an issue."""

from __future__ import annotations

import re
from typing import Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.readers.surroundings import holds_model_field

_FENCE: Final = r"(?m)^[ \t]{0,8}(`{3,}|~{3,})([^\n`]*)$"
_LIKE_A_CONFIG: Final = r"\s*[{\[]|\s*[\w.]+\s*[={(]|.*general\.architecture"


def code_block(text: str) -> str | None:
    r"""The one code block that can be a config, on the lines where it stands; None for a text without any.

    Raises:
        ConfigError: NOT_JSON where several could be it.

    Example:
        >>> code_block("Here it is:\n```json\n{}\n```\nAnything else?")
        '\n\n{}\n'
    """
    if "```" not in text and "~~~" not in text:
        return None
    blocks = _blocks(text)
    may_be_config = re.compile(_LIKE_A_CONFIG).match
    likely = [block for block in blocks if may_be_config(text, *block)]
    if len(likely) > 1:
        likely = [block for block in likely if holds_model_field(text, *block)] or likely
    if len(likely) > 1:
        message = f"The text holds {len(likely)} code blocks, and each could be the config."
        raise ConfigError("NOT_JSON", message, next_step="Paste the one that holds the config.")
    if not blocks or (not likely and _is_outside(text, blocks)):
        return None
    start, end = (likely or blocks)[0]
    return "\n" * text.count("\n", 0, start) + text[start:end]


def _is_outside(text: str, blocks: list[tuple[int, int]]) -> bool:
    """Whether fields of a model stand outside of the blocks: of the fences, only the closing one was copied."""
    ends = [0, *(end for _, end in blocks)]
    starts = [*(start for start, _ in blocks), len(text)]
    return any(holds_model_field(text, end, start) for end, start in zip(ends, starts, strict=True))


def _blocks(text: str) -> list[tuple[int, int]]:
    """Where something stands between fences, from its first character to behind its last."""
    blocks = []
    start, opening = 0, ""
    for fence in re.finditer(_FENCE, text):
        if not opening:
            start, opening = fence.end() + 1, fence[1]
        elif fence[1].startswith(opening) and not fence[2].strip():
            blocks.append((start, fence.start()))
            opening = ""
    if opening:
        blocks.append((start, len(text)))
    return blocks
