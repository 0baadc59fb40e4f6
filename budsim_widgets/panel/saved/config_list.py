"""The list of saved configs: a page of rows, a search, and the place where a chosen one unfolds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ipywidgets import HBox, Layout, Text, VBox

from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.saved.texts import row_html, search_text
from budsim_widgets.printable import quoted
from budsim_widgets.rendering.markup import Html, shorten, tag
from budsim_widgets.translation import mark, tr, tr_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipywidgets import Widget

    from budsim_widgets.actions.saved_config import SavedConfig

ROWS_PER_PAGE: Final = 10
"""A browser draws 50 widgets in a tenth of a second; ten rows are a page that one looks at without scrolling."""

_EMPTY: Final = mark("No config is saved yet. What you paste for a gated model is kept, and stands here.")


class SavedRow(HBox):  # type: ignore[misc] # ipywidgets ships no types
    """A row: the name, which unfolds it, and what is known about it."""

    def __init__(self, choose: Callable[[str], None]) -> None:
        self.button = OrderedButton(tooltip=tr("Show what can be done with this config"))
        self.button.add_class("budsim-saved-name")
        self._facts = Region()
        self._model_id = ""
        super().__init__([self.button, self._facts])
        self.add_class("budsim-saved-row")
        self.button.on_click(lambda _: choose(self._model_id))

    def show(self, saved: SavedConfig, *, is_chosen: bool) -> None:
        """Shows a config."""
        self._model_id = saved.model_id
        self.button.description = shorten(saved.model_id)
        self._facts.value = row_html(saved)
        if is_chosen:
            self.add_class("budsim-saved-chosen")
        else:
            self.remove_class("budsim-saved-chosen")


class SavedList(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """A page of the configs that match a search.

    Args:
        choose: Called with the id of the model whose row was clicked.
        detail: What unfolds below the row of the chosen model.

    Attributes:
        search_input, previous_button, next_button: The parts.
    """

    def __init__(self, choose: Callable[[str], None], detail: Widget) -> None:
        self._choose, self._detail = choose, detail
        self._all: Sequence[SavedConfig] = ()
        self._texts: Sequence[str] = ()
        self._found: Sequence[SavedConfig] = ()
        self._start = 0
        self._chosen: str | None = None
        self._rows: list[SavedRow] = []
        self.search_input = Text(
            description=tr("Search saved configs"),
            placeholder=tr("model, contributor, verified …"),
            continuous_update=True,
            layout=Layout(width="auto"),
        )
        self.search_input.add_class("budsim-field")
        self._table = VBox()
        self._status = Region()
        self.previous_button = _page_button(tr("Previous"), tr("The configs before these"))
        self.next_button = _page_button(tr("Next"), tr("The configs after these"))
        pager = HBox([self._status, self.previous_button, self.next_button], layout=Layout(flex_flow="row wrap"))
        pager.add_class("budsim-saved-pager")
        super().__init__([self.search_input, self._table, pager])

    @property
    def configs(self) -> Sequence[SavedConfig]:
        """All saved configs, whether they match or not."""
        return self._all

    @property
    def shown(self) -> tuple[SavedConfig, ...]:
        """The configs on this page."""
        return tuple(self._found[self._start : self._start + ROWS_PER_PAGE])

    @property
    def rows(self) -> tuple[SavedRow, ...]:
        """The rows of this page."""
        return tuple(self._rows[: len(self.shown)])

    def show(self, configs: Sequence[SavedConfig]) -> None:
        """Shows these configs, as far as they match the search."""
        self._all, self._texts = configs, [search_text(saved) for saved in configs]
        self.search(keep_page=True)

    def search(self, *, keep_page: bool = False) -> None:
        """Shows what matches the words in the field: all of them, in any place."""
        words = self.search_input.value.casefold().split()
        self._found = [
            saved for saved, text in zip(self._all, self._texts, strict=True) if all(word in text for word in words)
        ]
        self.turn(0 if keep_page else -self._start)

    def turn(self, rows: int) -> None:
        """Goes on by so many rows, as far as there are any."""
        last_page = max(0, (len(self._found) - 1) // ROWS_PER_PAGE * ROWS_PER_PAGE)
        self._start = min(max(0, self._start + rows), last_page)
        self._render()

    def turn_page(self, pages: int) -> None:
        """Goes on by so many pages; at the end of the list the focus goes to the button that is left."""
        self.turn(pages * ROWS_PER_PAGE)
        pressed, other = self.previous_button, self.next_button
        if pages > 0:
            pressed, other = other, pressed
        if pressed.disabled:
            other.focus()

    def unfold(self, model_id: str | None) -> None:
        """Shows the detail below the row of this model, or nowhere."""
        self._chosen = model_id
        self._render()

    def _render(self) -> None:
        shown = self.shown
        while len(self._rows) < len(shown):
            self._rows.append(SavedRow(self._choose))
        children: list[Widget] = []
        for row, saved in zip(self._rows, shown, strict=False):
            is_chosen = saved.model_id == self._chosen
            row.show(saved, is_chosen=is_chosen)
            children += [row, self._detail] if is_chosen else [row]
        if tuple(children) != self._table.children:
            self._table.children = children
        self._show_place(len(shown))

    def _show_place(self, num_shown: int) -> None:
        found, first = len(self._found), self._start + 1
        self._status.value = tag("div", self._place_text(num_shown), class_="budsim-said")
        is_paged = found > ROWS_PER_PAGE
        for button, is_there in ((self.previous_button, first > 1), (self.next_button, first + num_shown <= found)):
            button.layout.display = SHOWN if is_paged else "none"
            button.disabled = not is_there

    def _place_text(self, num_shown: int) -> str | Html:
        found, kept = len(self._found), len(self._all)
        if not kept:
            return tr(_EMPTY)
        if not found:
            sought = quoted(self.search_input.value)
            return tr("None of {kept:,} saved configs matches {sought}.", kept=kept, sought=sought)
        if found <= ROWS_PER_PAGE:
            if found == kept:
                return tr_count("{count:,} saved config", "{count:,} saved configs", found)
            return tr_count(
                "{count:,} saved config that matches, of {kept:,}",
                "{count:,} saved configs that match, of {kept:,}",
                found,
                kept=kept,
            )
        first = self._start + 1
        place = {"first": first, "last": first + num_shown - 1, "found": found}
        if found == kept:
            return tr("{first:,} to {last:,} of {found:,} saved configs", **place)
        return tr("{first:,} to {last:,} of {found:,} saved configs that match, of {kept:,}", **place, kept=kept)


def _page_button(label: str, tooltip: str) -> OrderedButton:
    return OrderedButton(description=label, tooltip=tooltip, layout=Layout(width="auto", display="none"))
