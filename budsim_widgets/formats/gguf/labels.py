"""Labels of GGUF files that llama-quantize doesn't make: publishers' own mixtures, types of the past, short names."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from budsim_widgets.formats.gguf.file_types import ALIASES, FILE_TYPES

_LABEL: Final = re.compile(r"(UD-)?([A-Z0-9_]{2,12}?)(_XL|_L|_P|_4_4|_4_8|_8_8)?(?:\.GGUF)?")
_SHORT: Final = {
    "Q2": "Q2_K",
    "Q3": "Q3_K_M",
    "Q4": "Q4_K_M",
    "Q5": "Q5_K_M",
    "Q6": "Q6_K",
    "Q8": "Q8_0",
    "Q8_K": "Q8_0",
}
_MAX_CHARACTERS: Final = 40
_PAST: Final = ("_4_4", "_4_8", "_8_8")


class OtherLabel(NamedTuple):
    """A label that no file type has.

    Attributes:
        why: What it is.
        nearest: The file type that is nearest.
    """

    why: str
    nearest: str


def other_label(label: str) -> OtherLabel | None:
    """What a label is that people find on files; None for what isn't known.

    Example:
        >>> other_label("UD-Q4_K_XL").nearest, other_label("q6_k_l").nearest, other_label("Q4_0_4_4").nearest
        ('Q4_K_M', 'Q6_K', 'Q4_0')
        >>> other_label("Q4_K_X") is None
        True
    """
    found = _LABEL.fullmatch(label.strip().upper()) if len(label) <= _MAX_CHARACTERS else None
    if found is None:
        return None
    is_mixture, base, ending = bool(found[1]), found[2], found[3]
    nearest = next((name for name in (base, ALIASES.get(base), _SHORT.get(base)) if name in FILE_TYPES), None)
    if nearest is None:
        return None
    if ending in _PAST:
        return OtherLabel("llama.cpp takes no such files any more, it arranges others so while it loads them", nearest)
    if is_mixture or ending:
        return OtherLabel("it is a publisher's own mixture of types, whose bytes only the file itself tells", nearest)
    return OtherLabel("llama-quantize makes no type of this name", nearest)
