"""The texts of widgets that are on screen already, said in another language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from ipywidgets import HTML, Widget

from budsim_widgets.panel.closing import parts_of
from budsim_widgets.panel.language.html_texts import map_html
from budsim_widgets.rendering.markup import Html
from budsim_widgets.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.translation import Catalogue

_NAMES: Final = ("description", "placeholder", "tooltip", "label", "unit", "clear_label", "said")


class Retelling:
    """Says the texts of a widget and its parts in another language.

    Two English sentences may be one in another language: what a text was in English is remembered as long as it stands.

    Args:
        root: The widget.
    """

    def __init__(self, root: Widget) -> None:
        self._root = root
        self._english: WeakKeyDictionary[Widget, dict[str, tuple[str, str]]] = WeakKeyDictionary()

    def retell(self, *, of: Catalogue) -> None:
        """Says every text in the language that is spoken now.

        Args:
            of: The language in which the texts stand there.
        """
        for part in (*parts_of(self._root), self._root):
            is_selection = hasattr(part, "_options_values")
            for name in _NAMES:
                text = getattr(part, name, None) if part.has_trait(name) else None
                if isinstance(text, str) and text and not (is_selection and name == "label"):
                    setattr(part, name, self._said(part, name, text, of))
            if isinstance(part, HTML):
                part.value = Html(self._said(part, "value", part.value, of, through=map_html))
            if part.has_trait("words"):
                part.words = {english: translated(english) for english in part.words}
            if part.has_trait("tooltips"):
                part.tooltips = [self._said(part, f"tooltip {at}", one, of) for at, one in enumerate(part.tooltips)]
            if is_selection:
                labels = [self._said(part, f"option {at}", one, of) for at, one in enumerate(part._options_labels)]  # noqa: SLF001 - see below
                _relabel(part, tuple(labels))

    def _said(
        self,
        part: Widget,
        name: str,
        text: str,
        of: Catalogue,
        *,
        through: Callable[[str, Callable[[str], str]], str] = lambda text, say: say(text),
    ) -> str:
        known = self._english.setdefault(part, {})
        said, english = known.get(name, ("", ""))
        if said != text:
            english = through(text, of.english)
        said = through(english, translated)
        known[name] = (said, english)
        return said


def _relabel(field: Any, labels: tuple[str, ...]) -> None:
    """Other labels for the same values: through `options` the choice would be lost for a moment, and observed."""
    field._options_full = tuple(zip(labels, field._options_values, strict=True))  # noqa: SLF001 - as the docstring says
    field.set_trait("_options_labels", labels)
    if field.index is not None:
        field.label = labels[field.index]
