"""The view of saved configs: what is kept, from whom, whether it agrees with the Hub; and what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ipywidgets import VBox
from traitlets import Any as AnyTrait
from traitlets import Bool

from budsim_widgets.actions import Actions, default_actions
from budsim_widgets.panel.flow.callbacks import on_event, showing_errors
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.frontend import Frontend
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.html.style_sheet import style_sheet
from budsim_widgets.panel.inputs.parts import button, row
from budsim_widgets.panel.language.language_switch import LanguageSwitch
from budsim_widgets.panel.saved.config_list import SavedList
from budsim_widgets.panel.saved.detail_view import SavedDetail
from budsim_widgets.panel.saved.file_buttons import FileButtons
from budsim_widgets.panel.saved.hub_comparison import HubComparison
from budsim_widgets.panel.saved.messages import SavedMessages
from budsim_widgets.panel.saved.selected_config import SelectedConfig
from budsim_widgets.panel.saved.team_box import TeamBox
from budsim_widgets.rendering.markup import Html, heading
from budsim_widgets.translation import Speaker, in_language, speaker_of, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.panel.team.team_view import TeamView


class SavedConfigs(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """The configs that are kept: search, edit, look back, forget, export, import.

        bw.SavedConfigs()

    In a `MemoryPanel` it opens with the button *Saved configs*.

    Args:
        actions: What keeps the configs; None: the process's own, the user's store and the Hub.
        use: Called with the id of a model that the person wants to use; None: there is no button for that.
        close: Called when the person closes the view; None: it stays open.
        language: What it speaks, such as "zh"; None: what `BUDSIM_LANGUAGE` names, else JupyterLab's or the browser's.

    Attributes:
        list: The rows, with `search_input`.
        detail: What unfolds below a row, with its buttons and forms.
        import_input, export_button, team_button, close_button: The parts below the list.
        chosen: The id of the model that is unfolded, or None; a trait.
        error: The last error; a trait.
        is_open: Whether it shows what is kept; a trait.
    """

    chosen = AnyTrait(default_value=None, allow_none=True, help="The id of the model that is unfolded.")
    error = AnyTrait(default_value=None, allow_none=True, help="The last error.")
    is_open = Bool(default_value=False, help="Whether the view is open.")

    def __init__(
        self,
        actions: Actions | None = None,
        *,
        use: Callable[[str], None] | None = None,
        close: Callable[[], None] | None = None,
        language: str | Speaker | None = None,
    ) -> None:
        self._language = speaker_of(language)
        with in_language(self._language):
            frontend = self._build(actions or default_actions(), use, close)
        if not isinstance(language, Speaker):
            LanguageSwitch(self, self._language, frontend, self.show_anew)

    def _build(self, actions: Actions, use: Callable[[str], None] | None, close: Callable[[], None] | None) -> Frontend:
        self._actions = actions
        self.detail = detail = SavedDetail()
        detail.use_button.layout.display = SHOWN if use else "none"
        self._messages = SavedMessages(detail)
        self._runner = Runner(self._show_status, self._show_error)
        self._selected = SelectedConfig(
            *(actions, self._runner, detail),
            use=use or (lambda _: None),
            changed=self._refresh,
            show_error=self._show_error,
        )
        self.list = SavedList(showing_errors(self._choose, self._show_error), detail)
        self._comparison = HubComparison(actions, compared=self._show_list, show_error=self._show_error)
        self._files = FileButtons(
            actions,
            exported=self._messages.show,
            imported=self._show_imported,
            show_error=self._show_error,
        )
        self.import_input, self.export_button = self._files.import_input, self._files.export_button
        self._team = TeamBox(actions, lambda: self._refresh(Html()))
        self.team_button = button(tr("Team"), tr("Share the saved configs with your team, and sync what others shared"))
        self.team_button.add_class("budsim-open-team")
        self.close_button = button(tr("Close"), tr("Close the saved configs"))
        self.close_button.layout.display = SHOWN if close else "none"
        self.close_button.add_class("budsim-close")
        buttons = row([self.export_button, self.import_input, self.team_button, self.close_button])
        below = [self._comparison, self._files.busy, self._messages.status, self._messages.message, buttons]
        title = Region(heading(2, tr("Saved configs"), class_="budsim-title"))
        frontend = Frontend()
        super().__init__([style_sheet(), title, self.list, *below, self._team, frontend])
        self.add_class("budsim-saved")
        self._connect(close)
        if close is None:
            with errors_shown(self._show_error):
                self.show_saved()
        return frontend

    def __repr__(self) -> str:
        return "SavedConfigs()"

    def show_saved(self) -> None:
        """Shows what is kept now, and compares with the Hub what never was."""
        with in_language(self._language):
            self._messages.clear()
            self.is_open = True
            self._refresh(Html())
            self._comparison.start()

    def show_anew(self) -> None:
        """Reads what is kept now, and says it in the language that is spoken now."""
        if self.is_open:
            self._show_list()

    def clear(self) -> None:
        """Forgets what stands in it, so that no notebook keeps it."""
        self._runner.cancel()
        self._comparison.cancel()
        self._choose(None)
        self._messages.clear()
        self._team.clear()
        self.is_open = False

    @property
    def team(self) -> TeamView:
        """What is done with a team's repository; made when it is first asked for."""
        return self._team.view

    @property
    def is_busy(self) -> bool:
        """Whether something is being saved, compared, shared or synced."""
        return any(one.is_busy for one in (self._runner, self._comparison, self._files, self._team))

    async def idle(self) -> None:
        """Returns when nothing is being saved or compared."""
        while self.is_busy:
            await self._runner.idle()
            await self._comparison.idle()
            await self._files.idle()
            await self._team.idle()

    def _connect(self, close: Callable[[], None] | None) -> None:
        detail, selected = self.detail, self._selected
        for clicked, callback in (
            (detail.use_button, selected.use),
            (detail.edit_button, selected.edit),
            (detail.save_button, selected.save),
            (detail.cancel_button, selected.close_form),
            (detail.history_button, selected.show_history),
            (detail.restore_button, selected.restore),
            (detail.export_button, selected.export),
            (detail.forget_button, selected.confirm_forget),
            (detail.confirm_button, selected.forget),
            (detail.keep_button, selected.close_form),
            (self.team_button, self._team.open_or_close),
            (self.list.previous_button, partial(self.list.turn_page, -1)),
            (self.list.next_button, partial(self.list.turn_page, 1)),
            (self.close_button, close or (lambda: None)),
        ):
            clicked.on_click(on_event(callback, self._show_error))
        self.list.search_input.observe(on_event(self.list.search, self._show_error), "value")
        detail.version_input.observe(on_event(self._compare_versions, self._show_error), "value")

    def _choose(self, model_id: str | None) -> None:
        """Unfolds a row, or folds it where it is unfolded."""
        self.chosen = None if model_id == self.chosen else model_id
        self._messages.clear()
        self._show_chosen(anew=True)

    def _show_chosen(self, *, anew: bool) -> None:
        saved = next((one for one in self.list.configs if one.model_id == self.chosen), None)
        self.chosen = saved.model_id if saved else None
        self._selected.show(saved, anew=anew)
        self.list.unfold(self.chosen)

    def _compare_versions(self) -> None:
        if self._selected.saved is not None and self.detail.history.layout.display != "none":
            self._selected.compare()

    def _refresh(self, message: Html) -> None:
        """Reads what is kept now; shows something below the list."""
        self._show_list()
        self._messages.show(message)
        self.error = None

    def _show_list(self) -> None:
        """Reads what is kept now; what stands below the list stays."""
        self.list.show(self._actions.saved.list())
        self._show_chosen(anew=False)

    def _show_imported(self, message: Html) -> None:
        if self.is_open:  # else it was closed meanwhile, and what was imported is there the next time
            self.show_saved()
            self._messages.show(message)

    def _show_status(self, status: str) -> None:
        self.detail.set_busy(is_busy=bool(status))
        self._messages.show_status(status, is_unfolded=self.chosen is not None)

    def _show_error(self, error: Exception) -> None:
        self._messages.show_error(error, self._selected, is_unfolded=self.chosen is not None)
        self.error = error
