"""The saved config that a person has unfolded: use it, edit it, look at its history, save it as a file, forget it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.inputs.refused_field import accept, refuse
from budsim_widgets.panel.prompt.messages import accepted_html, refusal_html, refusal_text
from budsim_widgets.panel.prompt.view import alert_html, status_html
from budsim_widgets.panel.saved.downloads import export_html, file_name_of
from budsim_widgets.panel.saved.texts import date_text, difference_html, facts_html, source_of
from budsim_widgets.rendering.markup import Html, shorten
from budsim_widgets.rendering.prose import paragraph
from budsim_widgets.translation import mark, tr, tr_count, translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.actions.saved_config import SavedConfig
    from budsim_widgets.panel.flow.click_order import OrderedButton
    from budsim_widgets.panel.flow.runner import Runner
    from budsim_widgets.panel.saved.detail_view import SavedDetail
    from budsim_widgets.schemas import ConfigSubmitResponse

_NO_HISTORY = mark("There is no earlier version: it was saved once.")


class SelectedConfig:
    """Carries out what a person does with one saved config.

    Args:
        actions: What does it.
        runner: What does it off the event loop.
        detail: The widgets.
        use: Called with the id of the model to use.
        changed: Called when the saved configs changed, with what to show; empty where the detail shows it.
        show_error: Called with an error.
    """

    def __init__(  # noqa: PLR0913 - its partners
        self,
        actions: Actions,
        runner: Runner,
        detail: SavedDetail,
        *,
        use: Callable[[str], None],
        changed: Callable[[Html], None],
        show_error: Callable[[Exception], None],
    ) -> None:
        self._actions, self._runner, self._detail = actions, runner, detail
        self._use, self._changed, self._show_error = use, changed, show_error
        self.saved: SavedConfig | None = None
        self.message = ""

    @property
    def model_id(self) -> str | None:
        """The model whose config is unfolded, or None."""
        return self.saved.model_id if self.saved else None

    def show(self, saved: SavedConfig | None, *, anew: bool) -> None:
        """Unfolds a config, or none; `anew` closes the form that is open."""
        self.saved = saved
        if anew or saved is None:
            self._detail.show_form(None)
            self.message = ""
        self._detail.facts.value = facts_html(saved) if saved else Html()

    def use(self) -> None:
        """Hands on the id of the model."""
        self._use(self._selected.model_id)

    def edit(self) -> None:
        """Opens the box with the config as JSON."""
        # before the box shows: what is typed at once would be overwritten by a text that comes later
        self._detail.text_input.value = json.dumps(self._selected.config, indent=2, ensure_ascii=False)
        self._detail.show_form(self._detail.editor)
        self._detail.text_input.focus()

    def save(self) -> None:
        """Submits what stands in the box; it passes the checks of a paste."""
        model_id, text = self._selected.model_id, self._detail.text_input.value
        self._runner.run(
            lambda: self._actions.submit_config(model_id, text),
            self._saved,
            self._show_error,
            status=tr("Checking the config and saving it …"),
        )

    def close_form(self) -> None:
        """Leaves everything as it is; the focus, whose button is gone, returns to the one that opened the form."""
        detail = self._detail
        is_forgetting = detail.confirmation.layout.display != "none"
        detail.show_form(None)
        (detail.forget_button if is_forgetting else detail.edit_button).focus()

    def show_history(self) -> None:
        """Opens the earlier versions, the latest of them selected."""
        versions = self._actions.saved.history(self._selected.model_id)[1:]
        self._detail.show_form(self._detail.history)
        self._detail.version_input.options = [
            (_version_text(one.version, date_text(one.updated_at), source_of(one)), one.version) for one in versions
        ]
        # a list of choices that was empty selects none of the new ones by itself
        self._detail.version_input.value = versions[0].version if versions else None
        for part in (self._detail.version_input, self._detail.restore_button):
            part.layout.display = SHOWN if versions else "none"
        self.compare()

    def compare(self) -> None:
        """Shows what changed from the version in the field to the one that counts."""
        version = self._detail.version_input.value
        if version is None:
            self._detail.changes.value = paragraph(tr(_NO_HISTORY))
        else:
            difference = self._actions.saved.difference(self._selected.model_id, version)
            self._detail.changes.value = difference_html(difference)

    def restore(self) -> None:
        """Makes the version in the field count again."""
        model_id, version = self._selected.model_id, self._detail.version_input.value
        self._runner.run(
            lambda: self._actions.saved.restore(model_id, version),
            lambda restored: self._show_success(
                tr("Version {version} counts again, as version {new}.", version=version, new=restored.version)
            ),
            self._show_error,
            status=tr("Restoring …"),
        )

    def confirm_forget(self) -> None:
        """Asks once, in place."""
        saved = self._selected
        earlier = len(self._actions.saved.history(saved.model_id)) - 1
        self._detail.show_form(self._detail.confirmation)
        self._detail.confirmation_text.value = paragraph(_question(shorten(saved.model_id), earlier))
        self._detail.keep_button.focus()

    def forget(self) -> None:
        """Forgets it."""
        model_id = self._selected.model_id
        self._runner.run(
            lambda: self._actions.saved.forget(model_id),
            lambda _: self._changed(status_html(tr("The config of {model} is forgotten.", model=shorten(model_id)))),
            self._show_error,
            status=tr("Forgetting …"),
        )

    def export(self) -> None:
        """Offers the config with its history as a file."""
        model_id = self._selected.model_id
        self._detail.show_form(None)
        self._detail.message.value = export_html(self._actions, file_name_of(model_id), [model_id])

    def show_message(self, text: str, html: Html) -> None:
        """Shows something below the forms."""
        accept(self._detail.text_input)
        self.message = text
        self._detail.message.value = html

    @property
    def _selected(self) -> SavedConfig:
        if self.saved is None:
            raise LookupError("No saved config is unfolded.")
        return self.saved

    def _saved(self, response: ConfigSubmitResponse) -> None:
        if response.success:
            self._detail.show_form(None)
            self._changed(Html())
            self.show_message(translated(response.message), accepted_html(response))
            self._return_focus(self._detail.edit_button)
            return
        if response.details.get("code") == "SECRET":
            # what stays in the box is saved with the notebook, and a token must not be
            self._detail.text_input.value = ""
        self.show_message(refusal_text(response), alert_html(refusal_html(response)))
        refuse(self._detail.text_input)

    def _show_success(self, sentence: str) -> None:
        self._detail.show_form(None)
        self._changed(Html())
        self.show_message(sentence, status_html(sentence))
        self._return_focus(self._detail.history_button)

    def _return_focus(self, button: OrderedButton) -> None:
        """To what opened the form that is gone; what is disabled takes no focus."""
        self._detail.set_busy(is_busy=False)
        button.focus()


def _version_text(version: int, date: str, source: str) -> str:
    return tr("version {version} of {date}, {source}", version=version, date=date, source=source)


def _question(model: str, earlier: int) -> str:
    if not earlier:
        return tr("Forget the config of {model}? A gated model will ask for it again.", model=model)
    return tr_count(
        "Forget the config of {model} and its {count} earlier version? A gated model will ask for it again.",
        "Forget the config of {model} and its {count} earlier versions? A gated model will ask for it again.",
        earlier,
        model=model,
    )
