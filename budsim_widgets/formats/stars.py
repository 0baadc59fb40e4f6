r"""Patterns that are plain but for `.*`, as nearly all in lists of modules are: found by looking for their texts."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_ANYTHING: Final = ".*"
_PLAIN: Final = re.compile(r"\^?((?:[\w-]|\\\W|\.\*)*)(\$?)")


class Stars(NamedTuple):
    """Texts that stand in a name one after another, whatever is between them.

    Attributes:
        texts: The first begins the name; the others follow in their order. The last is empty where anything may follow.
        is_whole: Whether the last ends the name.
    """

    texts: tuple[str, ...]
    is_whole: bool

    @classmethod
    def of(cls, pattern: str) -> Stars | None:
        r"""What `re.match` would look for; None where the pattern has other signs than `.*`, escapes and anchors.

        Example:
            >>> Stars.of(r"model\.layers.*gate$"), Stars.of("layers.[0-3]")
            (Stars(texts=('model.layers', 'gate'), is_whole=True), None)
        """
        found = _PLAIN.fullmatch(pattern)
        if found is None:
            return None
        texts = found[1].split(_ANYTHING)
        if "\\" in found[1]:
            texts = [_without_escapes(text) for text in texts]
        return cls(tuple(texts), bool(found[2]))

    def fits(self, name: str, *, needs_boundary: bool = False) -> bool:
        """Whether the name begins with the pattern.

        Args:
            name: A full name.
            needs_boundary: Whether the match must end beside a dot, or where the name does.
        """
        first, *others = self.texts
        position: int | None = len(first) if name.startswith(first) else None
        for text in others[:-1]:
            position = None if position is None else _end_of(text, name, position)
        if position is None:
            return False
        if not others:
            return _may_end(name, len(first), is_whole=self.is_whole, needs_boundary=needs_boundary)
        return not others[-1] or self._ends(name, position, needs_boundary=needs_boundary)

    def _ends(self, name: str, position: int, *, needs_boundary: bool) -> bool:
        """Whether the last text stands behind this position, where a match may end."""
        last = self.texts[-1]
        if self.is_whole:
            return name.endswith(last) and len(name) - len(last) >= position
        end = _end_of(last, name, position)
        while end is not None:
            if _may_end(name, end, is_whole=False, needs_boundary=needs_boundary):
                return True
            end = _end_of(last, name, end - len(last) + 1)
        return False


def _without_escapes(text: str) -> str:
    r"""The text that `\.` and the like stand for; a module's name has no NUL, which keeps escaped backslashes apart."""
    return text.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")


def _end_of(text: str, name: str, position: int) -> int | None:
    """Where the text ends that stands first in a name from this position; None where it is nowhere."""
    found = name.find(text, position)
    return None if found == -1 else found + len(text)


def _may_end(name: str, end: int, *, is_whole: bool, needs_boundary: bool) -> bool:
    if end == len(name):
        return True
    return not is_whole and (not needs_boundary or "." in name[max(end - 1, 0) : end + 1])
