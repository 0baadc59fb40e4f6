"""What a config picks up on the way through terminals, web pages, mails and chats, taken away again.

Tried only where a text is neither JSON nor Python as it stands, so that nothing of a sound config is touched.
"""

from __future__ import annotations

import re
from functools import reduce
from typing import Final

from budsim_widgets.intake.readers.margins import without_margin
from budsim_widgets.intake.readers.surroundings import only_config

_DOUBLE: Final = "\u201c\u201d\u201e\u201f\u2033"
_SINGLE: Final = "\u2018\u2019\u201a\u201b"
_STRAIGHT: Final = r'("(?:[^"\\\n]|\\.)*"?)'
_ENTITIES: Final = (
    ("&quot;", '"'),
    ("&#34;", '"'),
    ("&#39;", "'"),
    ("&#95;", "_"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
)
_ESCAPES: Final = {"n": " ", "r": " ", "t": " "}
_STARTS_WITH_ESCAPE: Final = r'\s*\{\s*(?:\\n\s*)?\\"'


def fixed(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The config in a copied text, on the lines where it stands, and what was taken away; None for nothing.

    Raises:
        ConfigError: NOT_JSON where the text holds several configs, or only parts of one.

    Example:
        >>> fixed("Here it is: {“dim”: 8}")
        ('            {"dim": 8}', ('removed what stands around the config', 'replaced curly quotes'))
    """
    repairs = []
    whole = text
    if "&quot;" in text:
        text = reduce(lambda changed, entity: changed.replace(*entity), _ENTITIES, text)
        repairs.append("read &quot; and the like as the characters that they stand for")
    text, margin = without_margin(text)
    repairs += [margin] if margin else []
    config = only_config(text)
    repairs += ["removed what stands around the config"] if config.strip() != text.strip() else []
    straight = _with_straight_quotes(config)
    repairs += ["replaced curly quotes"] if straight != config else []
    if re.match(_STARTS_WITH_ESCAPE, straight):
        straight = re.sub(r"\\([nrt\"\\/])", lambda escape: _ESCAPES.get(escape[1], escape[1]), straight)
        repairs.append("removed the backslashes in front of the quotes")
    is_fixed = straight.strip() not in {"", whole.strip()}
    return (straight, tuple(repairs)) if is_fixed else None


def _with_straight_quotes(text: str) -> str:
    """The text with straight quotes in place of curly ones, if those are its quotes and not parts of its texts."""
    first = re.search(f"[\"'{_DOUBLE}{_SINGLE}]", text)
    if first is None or first[0] in {'"', "'"}:
        return text
    straight = str.maketrans({**dict.fromkeys(_DOUBLE, '"'), **dict.fromkeys(_SINGLE, "'")})
    parts = re.split(_STRAIGHT, text)
    # Every other part stands between straight quotes.
    parts[::2] = [part.translate(straight) for part in parts[::2]]
    return "".join(parts)
