"""What unfolds below a saved config: facts, what can be done with it, and one of the forms for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Dropdown, Layout, VBox

from budsim_widgets.panel.frontend import UnsavedTextarea
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.inputs.parts import button, row
from budsim_widgets.panel.inputs.refused_field import accept_when_changed
from budsim_widgets.rendering.markup import Html
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from ipywidgets import Widget


class SavedDetail(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """The widgets for one saved config, unconnected.

    Attributes:
        facts: What is known about it.
        use_button, edit_button, history_button, export_button, forget_button: What can be done.
        editor, text_input, save_button, cancel_button: The form to edit it.
        history, version_input, changes, restore_button: The form for earlier versions.
        confirmation, confirmation_text, confirm_button, keep_button: The form that asks before it is forgotten.
        status: What is being done.
        message: What came of it, or a file to save.
    """

    def __init__(self) -> None:
        self.facts, self.changes, self.confirmation_text = Region(), Region(), Region()
        self.status, self.message = Region(), Region()
        self.use_button = button(tr("Use this model"), tr("Put its id into the field Model"), button_style="primary")
        self.edit_button = button(tr("Edit"), tr("Change the config; it is checked like a paste"))
        self.history_button = button(tr("History"), tr("Earlier versions, and what changed"))
        self.export_button = button(tr("Export"), tr("Save this config with its history as a file"))
        self.forget_button = button(tr("Forget"), tr("Forget this config with its history"))
        buttons = (self.use_button, self.edit_button, self.history_button, self.export_button, self.forget_button)
        self.text_input = UnsavedTextarea(description=tr("Config of this model"), rows=12, layout=Layout(width="auto"))
        self.text_input.add_class("budsim-field").add_class("budsim-paste")
        accept_when_changed(self.text_input)
        self.save_button = button(tr("Save changes"), tr("Check the config and keep it"), button_style="primary")
        self.cancel_button = button(tr("Cancel"), tr("Leave the config as it is"))
        self.editor = _form(self.text_input, row([self.save_button, self.cancel_button]))
        self.version_input = Dropdown(description=tr("Earlier version"), layout=Layout(width="auto", max_width="420px"))
        self.version_input.add_class("budsim-field")
        self.restore_button = button(
            tr("Restore this version"), tr("Make it count again; the one of now becomes history")
        )
        self.history = _form(self.version_input, self.changes, row([self.restore_button]))
        self.confirm_button = button(tr("Forget it"), tr("It can't be undone"), button_style="danger")
        self.keep_button = button(tr("Keep it"), tr("Nothing changes"))
        self.confirmation = _form(self.confirmation_text, row([self.confirm_button, self.keep_button]))
        self.forms = (self.editor, self.history, self.confirmation)
        super().__init__([self.facts, row(buttons), *self.forms, self.status, self.message])
        self.add_class("budsim-saved-detail")

    def show_form(self, form: VBox | None) -> None:
        """Shows one of the forms, or none; texts that are no longer needed are cleared: no notebook keeps them."""
        for one in self.forms:
            one.layout.display = SHOWN if one is form else "none"
        if form is not self.editor:
            self.text_input.value = ""
        if form is not self.history:
            self.changes.value = Html()
        self.message.value = Html()

    def set_busy(self, *, is_busy: bool) -> None:
        """While something is being saved, nothing else is begun."""
        for part in (self.save_button, self.restore_button, self.confirm_button, self.edit_button, self.text_input):
            part.disabled = is_busy


def _form(*parts: Widget) -> VBox:
    return VBox(list(parts), layout=Layout(display="none"))
