"""A field for text that no notebook keeps, such as an unfinished paste."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
from traitlets import Bool, Int, Unicode


class UnsavedTextarea(anywidget.AnyWidget):
    """As ipywidgets' Textarea that sends its text when it is left, but the text is no part of the widget's state.

    A notebook that keeps the state of its widgets would hold whatever stands in a Textarea. Here the text goes between
    the page and the kernel in messages of its own.

    Attributes:
        value: The text; a trait to observe.
        description: What stands over it, its name for screen readers.
        placeholder: What stands in it while it is empty.
        rows: Its height in lines.
        disabled: Whether it takes no text.
    """

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "unsaved_textarea.js").read_text("utf-8")

    value = Unicode(help="The text; not synced, since that is what is saved.")
    description = Unicode(help="Its name.").tag(sync=True)
    placeholder = Unicode(help="What stands in it while it is empty.").tag(sync=True)
    rows = Int(6, help="Its height in lines.").tag(sync=True)
    disabled = Bool(default_value=False, help="Whether it takes no text.").tag(sync=True)

    def __init__(self, **details: Any) -> None:
        self._typed_in = ""
        super().__init__(**details)
        self.on_msg(self._on_message)
        self.observe(self._show, "value")

    def _on_message(self, _: object, content: object, __: object) -> None:
        if not isinstance(content, dict):
            return
        if "asks" in content:  # a view that was opened later
            self._show(None)
        elif isinstance(content.get("text"), str):
            self._typed_in = str(content.get("view"))
            try:
                self.value = content["text"]
            finally:
                self._typed_in = ""

    def _show(self, _: object) -> None:
        self.send({"text": self.value, "view": self._typed_in})
