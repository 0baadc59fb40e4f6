"""The buttons under a result as a widget: what they hand out; `take_away.js` draws them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
from traitlets import Dict, Unicode

from budsim_widgets.translation import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = (
    mark("Copy as code"),
    mark("Copy as Markdown"),
    mark("Copy as image"),
    mark("Save as image"),
    mark("Save as notebook"),
    mark("Copy link"),
    mark("Copied"),
    mark("Saved"),
    mark("This server opens no links: save it as a notebook"),
)


class TakeAway(anywidget.AnyWidget):
    """Takes the result on screen along; a button whose text is empty isn't shown.

    Attributes:
        code: The line of Python that gives the result on screen.
        markdown: The result as a Markdown table.
        picture: The result as an SVG document.
        link: The question as the query of `budsim/panel`.
        give_notebook: Called for the text of a notebook with the same question.
        words: What the buttons say, by the English sentence.
    """

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "take_away.js").read_text("utf-8")

    code = Unicode("").tag(sync=True)
    markdown = Unicode("").tag(sync=True)
    picture = Unicode("").tag(sync=True)
    link = Unicode("").tag(sync=True)

    words = Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(words={word: tr(word) for word in WORDS})
        self.add_class("budsim-take")
        self.give_notebook: Callable[[], str] = str
        self.on_msg(self._answer)

    def offer(self, **texts: str) -> None:
        """What the buttons hand out from now on: `code`, `markdown`, `picture`, `link`."""
        with self.hold_sync():
            for name, text in texts.items():
                setattr(self, name, text)

    def _answer(self, _: object, content: object, __: object) -> None:
        """What the browser asks for; made only then, since it is larger than all the rest."""
        if content == "notebook":
            self.send({"notebook": self.give_notebook()})
