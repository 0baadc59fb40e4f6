"""Globs of a shell, as Model Optimizer's lists have them, written as patterns."""

from __future__ import annotations

import string
from typing import Final

_GLOB: Final = {
    **{ord(sign): f"\\{sign}" for sign in string.punctuation if sign not in "_-"},
    ord("*"): ".*",
    ord("?"): ".",
}


def regex_of_glob(glob: str) -> str:
    r"""The pattern of a shell glob: `*` is anything, `?` one character, `[12]` and `[!1-3]` are one of some.

    Example:
        >>> regex_of_glob("model.layers.0*"), regex_of_glob("*.[!12].mlp")
        ('model\\.layers\\.0.*$', '.*\\.[^12]\\.mlp$')
    """
    found: list[str] = []
    place = 0
    while True:
        start = glob.find("[", place)
        end = glob.find("]", start + 2) if start != -1 else -1
        if end == -1:
            return "".join((*found, glob[place:].translate(_GLOB), "$"))
        listed = glob[start + 1 : end].replace("\\", "\\\\")
        members = f"[^{listed[1:]}]" if listed.startswith("!") else f"[{listed}]"
        found += [glob[place:start].translate(_GLOB), members]
        place = end + 1
