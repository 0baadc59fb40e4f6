"""What the paste box says: in it while it is open, under it once it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel.inputs.refused_field import accept, refuse
from budsim_widgets.panel.prompt.messages import accepted_html, accepted_sentences, refusal_html, refusal_text
from budsim_widgets.panel.prompt.view import alert_html, status_html
from budsim_widgets.rendering.markup import Html, join, shorten
from budsim_widgets.rendering.prose import as_shown, error_html, translated_error
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from budsim_widgets.panel.prompt.view import PromptView
    from budsim_widgets.schemas import ConfigSubmitResponse


class BoxMessage:
    """Shows one message at a time.

    Args:
        view: The widgets of the box.

    Attributes:
        text: The message as plain text.
    """

    def __init__(self, view: PromptView) -> None:
        self._view = view
        self.text = ""

    def show(self, text: str, *, html: str | None = None, notice: str | None = None) -> None:
        """A message.

        Args:
            text: It as plain text.
            html: What stands in the box; None: what stood there.
            notice: What stands under the box; None: what stood there.
        """
        self.text = text
        if html is not None:
            accept(self._view.text)
            self._view.text.tells_edits = False
            self._view.message.value = html
        if notice is not None:
            self._view.notice.value = notice

    def show_error(self, error: Exception, *, is_open: bool) -> None:
        """What went wrong, in the box where it is open, else under it."""
        shown = as_shown(error)
        alert = alert_html(error_html(shown))
        self.show(translated_error(shown), **({"html": alert} if is_open else {"notice": alert}))
        self._view.text.tells_edits = is_open

    def show_accepted(self, response: ConfigSubmitResponse) -> None:
        """Under the box: what was saved, and the model that it was copied from."""
        copy = response.details.get("copied_from")
        said = (tr("It is copied from {model}.", model=shorten(copy)),) if copy else ()
        notice = join(accepted_html(response), status_html(*said) if said else "")
        self.show(" ".join((*accepted_sentences(response), *said)), notice=notice)

    def show_refusal(self, response: ConfigSubmitResponse) -> None:
        """What is wrong with a pasted config, and what to do about it."""
        if response.details.get("code") == "SECRET":
            # others may see the screen
            self._view.text.value = ""
        self.show(refusal_text(response), html=alert_html(refusal_html(response)))
        self._view.text.tells_edits = True
        refuse(self._view.text)

    def show_status(self, status: str) -> None:
        """What is being done, during which nothing else can be begun; nothing for an empty text."""
        view = self._view
        for part in (view.submit, view.base, view.text, view.upload):
            part.disabled = bool(status)
        view.copies.set_busy(is_busy=bool(status))
        if status:
            self.show(status, html=status_html(status))

    def take_back_refusal(self) -> None:
        """What was wrong with a text is taken away once that has changed."""
        if self._view.text.tells_edits:
            self.text = ""
            self.clear()

    def clear(self) -> None:
        """Nothing stands in the box."""
        accept(self._view.text)
        self._view.text.tells_edits = False
        self._view.message.value = Html()

    def clear_notice(self) -> None:
        """Nothing stands under the box."""
        self._view.notice.value = Html()
