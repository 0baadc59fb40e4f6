"""Two edits of one config side by side, and a button for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import HBox, Layout, VBox

from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.team.texts import conflict_html, name_of
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.sharing.conflicts import ConfigConflict


class ConflictView(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """The edits of one model between which nobody has decided.

    Of several, the one that counts and each other one stand side by side.

    Args:
        actions: What compares them.
        conflict: The edits.
        choose: Called with the model and the version that a person takes.

    Attributes:
        buttons: One for each edit, the one that counts first.
    """

    def __init__(self, actions: Actions, conflict: ConfigConflict, choose: Callable[[str, int], None]) -> None:
        self.conflict = conflict
        names = [name_of(contributor) for contributor in conflict.contributors]
        counting, *others = conflict.versions
        tables = [
            Region(
                conflict_html(
                    actions.saved.difference(conflict.model_id, counting, other),
                    (tr("{name}, counts now", name=names[0]), name),
                )
            )
            for other, name in zip(others, names[1:], strict=True)
        ]
        for region in tables:
            region.layout.display = SHOWN
        self.buttons = tuple(
            _button(
                tr("Keep {name}", name=name) if version == counting else tr("Take {name}", name=name),
                version == counting,
            )
            for version, name in zip(conflict.versions, names, strict=True)
        )
        for version, button in zip(conflict.versions, self.buttons, strict=True):
            button.on_click(lambda _, chosen=version: choose(conflict.model_id, chosen))
        super().__init__([*tables, HBox(list(self.buttons), layout=Layout(flex_flow="row wrap"))])
        self.add_class("budsim-saved-detail")


def _button(label: str, counts: bool) -> OrderedButton:  # noqa: FBT001 - what the label says as well
    tooltip = tr("It goes on counting; the other stays in the history") if counts else tr("It counts from now on")
    return OrderedButton(description=label, tooltip=tooltip, layout=Layout(width="auto"))
