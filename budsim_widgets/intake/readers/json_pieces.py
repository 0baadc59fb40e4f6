"""JSON as it is written, piece by piece: the last one that isn't white space can still be changed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Pieces:
    """Pieces of text in their order.

    Attributes:
        texts: The pieces.
        last: Place of the last one that isn't white space.
        last_text: Place of the last one that is a text in quotes; -1: none.

    Example:
        >>> pieces = Pieces(['["a",'])
        >>> pieces.drop_last_comma(), "".join(pieces.texts)
        (True, '["a" ')
    """

    texts: list[str] = field(default_factory=list)
    last: int = 0
    last_text: int = -1

    @property
    def ends_with_text(self) -> bool:
        """Whether a text in quotes is the last that isn't white space."""
        return self.last == self.last_text

    def write(self, piece: str) -> None:
        """Add a piece."""
        if piece.strip():
            self.last = len(self.texts)
        self.texts.append(piece)

    def write_text(self, text: str, *, joined: bool) -> None:
        """Add a text in quotes.

        Args:
            text: With its quotes.
            joined: Whether texts that stand side by side are one, as in Python; pprint breaks long ones so.
        """
        if joined and self.ends_with_text:
            between = "".join(self.texts[self.last + 1 :])
            self.texts[self.last :] = [self.texts[self.last][:-1], text[1:], "\n" * between.count("\n")]
            self.last += 1
        else:
            self.write(text)
        self.last_text = self.last

    def begins_field(self) -> bool:
        """Whether a field of an object may follow: the last is its bracket or a comma."""
        return self.texts[self.last].rstrip().endswith(("{", ","))

    def drop_last_comma(self) -> bool:
        """Take away a comma that no item follows; one that no item stands before stays an error."""
        piece = self.texts[self.last]
        last = piece.rstrip()
        if not last.endswith(","):
            return False
        earlier = (piece.rstrip() for piece in reversed(self.texts[: self.last]) if piece.strip())
        before = last[:-1].rstrip() or next(earlier, "")
        if before.endswith(("[", "{", ",")):
            return False
        self.texts[self.last] = last[:-1] + " " + piece[len(last) :]
        return True


def blank(text: str) -> str:
    """White space of the same lines."""
    return "\n" * text.count("\n") + " " * (len(text) - text.rfind("\n") - 1)
