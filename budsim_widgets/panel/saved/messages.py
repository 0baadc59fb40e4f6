"""What the view of saved configs says: in the config that is unfolded, else below the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.prompt.view import alert_html, status_html
from budsim_widgets.rendering.markup import Html
from budsim_widgets.rendering.prose import as_shown, error_html, translated_error

if TYPE_CHECKING:
    from budsim_widgets.panel.saved.detail_view import SavedDetail
    from budsim_widgets.panel.saved.selected_config import SelectedConfig


class SavedMessages:
    """Shows one message and one status at a time, where the person looks.

    Args:
        detail: What is unfolded below a row.

    Attributes:
        message: What came of something; stands below the list.
        status: What is being done; stands there too.
    """

    def __init__(self, detail: SavedDetail) -> None:
        self._detail = detail
        self.message, self.status = Region(), Region()

    def show(self, html: Html) -> None:
        """What came of something, below the list."""
        self.message.value = html

    def clear(self) -> None:
        """Nothing stands below the list."""
        self.message.value = Html()

    def show_status(self, status: str, *, is_unfolded: bool) -> None:
        """What is being done; nothing for an empty text."""
        shown = status_html(status) if status else Html()
        self._detail.status.value, self.status.value = (shown, Html()) if is_unfolded else (Html(), shown)

    def show_error(self, error: Exception, selected: SelectedConfig, *, is_unfolded: bool) -> None:
        """What went wrong."""
        shown = as_shown(error)
        alert = alert_html(error_html(shown))
        self.message.value = Html() if is_unfolded else alert
        if is_unfolded:
            selected.show_message(translated_error(shown), alert)
