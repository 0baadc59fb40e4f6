"""A field for a whole number that says what it makes of a text; `BoundedIntText` takes 1 for 0 without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
from traitlets import Bool, CInt, Unicode, validate

from budsim_widgets.panel.inputs.whole_numbers import read_whole_number, within
from budsim_widgets.translation import current_speaker, in_language


class NumberField(anywidget.AnyWidget):
    """A whole number within limits.

    Attributes:
        value: The number; one beyond its limits becomes the nearest within them.
        min, max: The limits.
        step: What an arrow key adds.
        said: What was typed and isn't its value, in words; empty where it is.
        description, tooltip: Its name, and what it is.
        disabled: Whether it can't be changed.

    Example:
        >>> field = NumberField(4, max=64, description="Batch size")
        >>> field.value = 0
        >>> field.value, field.said
        (1, '0 is less than 1: 1 is taken.')
    """

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "number_field.js").read_text("utf-8")

    value = CInt().tag(sync=True)
    said = Unicode().tag(sync=True)
    step = CInt(1).tag(sync=True)
    description = Unicode().tag(sync=True)
    tooltip = Unicode().tag(sync=True)
    disabled = Bool(default_value=False).tag(sync=True)

    def __init__(self, value: int, *, min: int = 1, max: int, **details: Any) -> None:  # noqa: A002 - as ipywidgets
        self.min, self.max = min, max
        self._speaker = current_speaker()
        super().__init__(value=value, **details)
        self.on_msg(self._on_message)

    @validate("value")
    def _within_limits(self, proposal: dict[str, Any]) -> int:
        with in_language(self._speaker):
            number = within(proposal["value"], least=self.min, most=self.max, text=f"{proposal['value']:,}")
        self.said = number.said
        return number.value

    def _on_message(self, _: object, content: object, __: object) -> None:
        if not isinstance(content, dict) or not isinstance(content.get("text", 0), str | None):
            return
        with in_language(self._speaker):
            number = read_whole_number(content["text"], least=self.min, most=self.max, standing=self.value)
        try:
            self.value = number.value
        finally:
            self.said = number.said
            # also where the value is the one that stood: the page shows what was typed
            self.send({"do": "show"})
