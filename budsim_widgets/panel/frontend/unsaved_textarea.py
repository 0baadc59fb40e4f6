"""A field for text that no notebook keeps, such as an unfinished paste."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import anywidget
from traitlets import Bool, Int, Unicode

from budsim_widgets.intake.folding import MAX_FOLDED_BYTES, folded
from budsim_widgets.translation import current_speaker, in_language, mark, tr

LONGEST_SHOWN: Final = 100_000
"""Characters; a browser needs seconds to lay out a text of MBs, and again for each key."""
_BEGINNING: Final = 2_000
_HELD: Final = mark(
    "The first {shown} of {all} characters are shown; all of them are submitted. Paste again to replace them."
)


class UnsavedTextarea(anywidget.AnyWidget):
    """As ipywidgets' Textarea that sends its text when it is left, but the text is no part of the widget's state.

    A notebook that keeps the state of its widgets would hold whatever stands in a Textarea. Here the text goes between
    the page and the kernel in messages of its own. One that is too long to be shown is folded, as that of a file is; of
    one that is too long even then, the page has the beginning.

    Attributes:
        value: The text; a trait to observe.
        tells_edits: Whether a change of the text by a person is to be heard at once; it comes once the field is left.
        edits: How often that was heard; a trait to observe.
        description: What stands over it, its name for screen readers.
        placeholder: What stands in it while it is empty.
        rows: Its height in lines.
        disabled: Whether it takes no text.
        clear_label: What the button says that empties it of a text that is too long to be edited.
        longest, longest_shown: Characters that a page sends, and that it shows.
    """

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "unsaved_textarea.js").read_text("utf-8")

    value = Unicode(help="The text; not synced, since that is what is saved.")
    tells_edits = Bool(default_value=False, help="Whether a change is heard at once.").tag(sync=True)
    edits = Int(help="How often a change was heard; not synced.")
    description = Unicode(help="Its name.").tag(sync=True)
    placeholder = Unicode(help="What stands in it while it is empty.").tag(sync=True)
    rows = Int(6, help="Its height in lines.").tag(sync=True)
    disabled = Bool(default_value=False, help="Whether it takes no text.").tag(sync=True)
    clear_label = Unicode().tag(sync=True)
    longest = Int(MAX_FOLDED_BYTES).tag(sync=True)
    longest_shown = Int(LONGEST_SHOWN).tag(sync=True)

    def __init__(self, **details: Any) -> None:
        self._typed_in = ""
        self._speaker = current_speaker()
        super().__init__(clear_label=tr("Empty the box"), **details)
        self.on_msg(self._on_message)
        self.observe(self._show, "value")

    def put(self, text: str) -> None:
        """Has a text in it on every page, also where a person has emptied the field since the same text came."""
        if text == self.value:
            self._send_text(view="")
        else:
            self.value = text

    def _on_message(self, _: object, content: object, __: object) -> None:
        if not isinstance(content, dict):
            return
        if "asks" in content:  # a view that was opened later
            self._send_text(asked=str(content["asks"]))
        elif content.get("is_edited") is True:
            self.edits += 1
        elif isinstance(content.get("text"), str):
            self._take(content["text"], str(content.get("view")))

    def _take(self, text: str, view: str) -> None:
        shown = folded(text) if self.longest_shown < len(text) <= self.longest else text
        # where it was typed it stands already, unless it was folded
        self._typed_in = view if shown == text else ""
        try:
            self.value = shown
        finally:
            self._typed_in = ""

    def _show(self, _: object) -> None:
        self._send_text(view=self._typed_in)

    def _send_text(self, **where: str) -> None:
        """The text to all views, or to that which asked for it; `view` is where it was typed."""
        if len(self.value) <= self.longest_shown:
            self.send({"text": self.value, **where})
            return
        with in_language(self._speaker):
            held = tr(_HELD, shown=f"{_BEGINNING:,}", all=f"{len(self.value):,}")
        self.send({"text": f"{self.value[:_BEGINNING]}…", "held": held, **where})
