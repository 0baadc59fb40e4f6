"""The one config in a text that holds more: a terminal's prompt, a web page's buttons, a script, a log, an answer."""

from __future__ import annotations

import re
from typing import Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.limits import MAX_TOKENS
from budsim_widgets.intake.readers.python_tokens import CALLED, CALLED_ENDINGS

_FIRST_OF_OBJECT: Final = r"""\s*(?:["'\u2018-\u201f}]|\\["n]|[#/]|[A-Za-z_]\w{0,60}\s*:)"""
_NAME_BEFORE: Final = rf"(?<![\w.]){CALLED}\s*\Z"
_MAX_NAME_CHARACTERS: Final = 100
_PART: Final = r"""(?sx)
    "(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'?
  | /\*.*?(?:\*/|\Z) | (?://|\#)[^\n]*
  | (?P<opening>[\[{(]) | (?P<closing>[\]})])
"""
_MODEL_FIELD: Final = (
    r"\b(?:model_type|hidden_size|num_hidden_layers|num_attention_heads|n_embd|n_layers?|d_model|dim|text_config"
    r"|block_count|general\.architecture)\b"
)
_FIELD: Final = r"""(?:"\w{1,60}"|'\w{1,60}')[ \t]*:[ \t]*[^\s]"""
_GOES_ON: Final = r"\s*\}|[\s,\]:]*[A-Za-z_]\w{0,60}\s*[:=]"
"""What stands behind an object that is a part of something larger: its end, or a field without quotes."""


def only_config(text: str) -> str:
    r"""The text with nothing but its one config, on the lines where it stands; as it is where there is no such.

    Raises:
        ConfigError: NOT_JSON where several could be it.

    Example:
        >>> only_config('$ cat config.json\n{"dim": 8}\n$ ')
        '\n{"dim": 8}'
    """
    blocks = _blocks(text)
    if not blocks or _is_part_of_more(text, blocks):
        return text
    likely = [block for block in blocks if holds_model_field(text, *block)]
    if len(likely) > 1:
        first, second = (text.count("\n", 0, start) + 1 for start, _ in likely[:2])
        message = f"The text holds {len(likely):,} configs, on line {first:,} and on line {second:,}."
        raise ConfigError("NOT_JSON", message, next_step="Paste only the one that belongs to the model.", line=second)
    start, end = (likely or blocks)[0]
    line_start = text.rfind("\n", 0, start) + 1
    if not likely and (len(blocks) > 1 or text[line_start:start].strip()):
        return text
    return "\n" * text.count("\n", 0, start) + " " * (start - line_start) + text[start:end]


def holds_model_field(text: str, start: int, end: int) -> bool:
    """Whether a field stands there that a model's config has, and hardly anything else."""
    return re.compile(_MODEL_FIELD).search(text, start, end) is not None


def _blocks(text: str) -> list[tuple[int, int]]:
    """Where objects and calls stand that aren't inside of others; none where there is too much to look at."""
    blocks: list[tuple[int, int]] = []
    brackets = [match.start() for match in re.finditer("[({]", text)]
    if len(brackets) > MAX_TOKENS:
        return []
    part = re.compile(_PART)
    end = num_parts = 0
    for bracket in brackets:
        start = _start(text, bracket) if bracket >= end else None
        if start is None:
            continue
        depth, end = 0, len(text)
        for match in part.finditer(text, bracket):
            num_parts += 1
            depth += (match["opening"] is not None) - (match["closing"] is not None)
            if depth == 0:
                end = match.end()
                break
            if num_parts > MAX_TOKENS:
                return []
        blocks.append((start, end))
    return blocks


def _start(text: str, bracket: int) -> int | None:
    """Where the object or the call with this bracket begins; None if it is neither."""
    if text[bracket] == "{" and not re.compile(_FIRST_OF_OBJECT).match(text, bracket + 1):
        return None
    before = text[max(0, bracket - _MAX_NAME_CHARACTERS) : bracket]
    name = re.search(_NAME_BEFORE, before) if before.rstrip().endswith((*CALLED_ENDINGS, "dict")) else None
    if name is None:
        return bracket if text[bracket] == "{" else None
    return bracket - len(before) + name.start()


def _is_part_of_more(text: str, blocks: list[tuple[int, int]]) -> bool:
    """Whether fields stand outside of the objects too: then the brackets are wrong, and what is inside isn't all."""
    ends = [0, *(end for _, end in blocks)]
    starts = [*(start for start, _ in blocks), len(text)]
    outside = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    return any(re.search(_FIELD, piece) for piece in outside) or re.match(_GOES_ON, outside[-1]) is not None
