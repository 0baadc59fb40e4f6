"""The row of precisions as a widget: what each chip says; `precision_chips.js` draws them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Bool, Dict, List, Unicode

from budsim_widgets.panel.flow.click_order import after_typed_text
from budsim_widgets.translation import current_speaker, in_language

if TYPE_CHECKING:
    from collections.abc import Callable


class PrecisionChips(anywidget.AnyWidget):
    """Toggle buttons in a toolbar: one stop for Tab, arrows go from one to the next, Enter chooses.

    Attributes:
        chips: What each says, as `rendering.reports.precision_chips.Chip` has it.
        chosen: The precision of the result; empty for none of these.
        question: What they answer.
        is_settled: Whether the verdicts are those of the result on screen; only names are shown of others.
    """

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "precision_chips.js").read_text("utf-8")

    chips = List(Dict()).tag(sync=True)
    chosen = Unicode("").tag(sync=True)
    question = Unicode("").tag(sync=True)
    is_settled = Bool(default_value=True).tag(sync=True)

    def __init__(self, choose: Callable[[str], None]) -> None:
        super().__init__()
        self._choose, self._speaker = choose, current_speaker()
        self.add_class("budsim-glance")
        self.on_msg(self._answer)

    def click(self, precision: str) -> None:
        """Chooses a precision, as a click on its chip does.

        Raises:
            KeyError: There is no such chip.
        """
        if precision not in {chip["precision"] for chip in self.chips}:
            raise KeyError(precision)
        with in_language(self._speaker):
            self._choose(precision)

    def _answer(self, _: object, content: object, __: object) -> None:
        """A click by a person comes after the text that they typed."""
        known = {chip["precision"] for chip in self.chips}
        precision: Any = content.get("precision") if isinstance(content, dict) else None
        if isinstance(precision, str) and precision in known:
            after_typed_text(lambda: self.click(precision))
