"""A field whose value was refused: marked until the value changes, so that a screen reader says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ipywidgets import DOMWidget

REFUSED_CLASS: Final = "budsim-refused"
"""`frontend.js` gives the input of such a field aria-invalid, and aria-describedby with the message on screen."""


def accept_when_changed(field: DOMWidget) -> None:
    """Another value is not refused before it was looked at.

    To be called before other observers of the value, which may refuse the new one.
    """
    field.observe(_on_change, names="value")


def refuse(field: DOMWidget) -> None:
    """Marks the field.

    Example:
        >>> from ipywidgets import Text
        >>> field = Text("a card that nobody knows")
        >>> accept_when_changed(field)
        >>> refuse(field)
        >>> is_refused(field)
        True
        >>> field.value = "RTX 4090"
        >>> is_refused(field)
        False
    """
    # anew, since the browser takes the mark away with the first key, of which Python doesn't hear
    accept(field)
    field.add_class(REFUSED_CLASS)


def accept(field: DOMWidget) -> None:
    """Takes the mark away, where there is one."""
    field.remove_class(REFUSED_CLASS)


def is_refused(field: DOMWidget) -> bool:
    """Whether the field is marked."""
    return REFUSED_CLASS in field._dom_classes  # noqa: SLF001 - ipywidgets' own name for it


def _on_change(change: Any) -> None:
    accept(change["owner"])
