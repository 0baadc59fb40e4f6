"""The view of saved configs: what is kept, from whom, whether it agrees with the Hub; and what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ipywidgets import FileUpload, HBox, Layout, VBox
from traitlets import Any as AnyTrait
from traitlets import Bool

from budsim_widgets.actions import Actions, default_actions
from budsim_widgets.panel.flow.click_order import PatientButton
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.flow.runner import Runner, running_loop
from budsim_widgets.panel.html.markup import Html, join, tag
from budsim_widgets.panel.html.prose import as_shown, error_html
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.html.styles import style_sheet
from budsim_widgets.panel.prompt.view import alert_html, status_html
from budsim_widgets.panel.saved.config_list import ROWS_PER_PAGE, SavedList
from budsim_widgets.panel.saved.detail_view import SavedDetail
from budsim_widgets.panel.saved.downloads import MAX_UPLOAD_BYTES, export_html, file_name_of_all
from budsim_widgets.panel.saved.selected_config import ChosenConfig
from budsim_widgets.panel.saved.texts import import_sentences, rejections_html
from budsim_widgets.verification.backlog import BACKGROUND_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.store import ImportSummary
    from budsim_widgets.verification.verify import Verification

_IMPORT_HINT = (
    f"Add the configs of an exported file of up to {MAX_UPLOAD_BYTES // 1_000_000} MB; "
    'a larger one with bw.import_configs("its path") in a cell'
)


class SavedConfigs(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """The configs that are kept: search, edit, look back, forget, export, import.

        bw.SavedConfigs()

    In a `MemoryPanel` it opens with the button *Saved configs*.

    Args:
        actions: What keeps the configs; None: the process's own, the user's store and the Hub.
        use: Gets the id of a model that the person wants to use; None: there is no button for that.
        close: Called when the person closes the view; None: it stays open.

    Attributes:
        list: The rows, with `search_input`.
        detail: What unfolds below a row, with its buttons and forms.
        import_input, export_button, close_button: The parts below the list.
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
    ) -> None:
        self._actions = actions or default_actions()
        self.detail = detail = SavedDetail()
        self._runner = Runner(self._show_doing, self._show_error)
        self._comparing = Runner(self._show_comparing, self._show_error, patience_seconds=1.0)
        self._chosen = ChosenConfig(
            self._actions,
            self._runner,
            detail,
            use=use or (lambda _: None),
            changed=self._refresh,
            show_error=self._show_error,
        )
        self.list = SavedList(self._edge(self._choose), detail)
        self._answer, self._doing, self._comparison = Region(), Region(), Region()
        self.import_input = FileUpload(description="Import a file", accept=".json", tooltip=_IMPORT_HINT, icon="")
        self.import_input.layout = Layout(width="auto")
        self.export_button = _button("Export all", "Save all configs with their history as a file")
        self.close_button = _button("Close", "Close the saved configs")
        self.close_button.layout.display = None if close else "none"
        detail.use_button.layout.display = None if use else "none"
        files = HBox([self.export_button, self.import_input, self.close_button], layout=Layout(flex_flow="row wrap"))
        title = Region(tag("p", "Saved configs", class_="budsim-title"))
        super().__init__([style_sheet(), title, self.list, self._comparison, self._doing, self._answer, files])
        self.add_class("budsim-saved")
        self._connect(close)
        if close is None:
            with errors_shown(self._show_error):
                self.show_saved()

    def __repr__(self) -> str:
        return "SavedConfigs()"

    def show_saved(self) -> None:
        """Shows what is kept now, and compares with the Hub what never was."""
        self._answer.value = Html()
        self.is_open = True
        self._refresh(Html())
        if running_loop() is None:
            return  # a script would wait for the Hub: `verify_configs` is there for that
        self._comparing.ask(
            lambda: self._actions.saved.verify(timeout_seconds=BACKGROUND_SECONDS),
            self._compared,
            self._show_error,
            doing="Comparing with what the Hub publishes …",
        )

    def put_away(self) -> None:
        """Forgets what stands in it, so that no notebook keeps it."""
        self._runner.drop()
        self._comparing.drop()
        self._choose(None)
        self._answer.value = Html()
        self.is_open = False

    @property
    def is_busy(self) -> bool:
        """Whether something is being saved or compared."""
        return self._runner.is_busy or self._comparing.is_busy

    async def idle(self) -> None:
        """Returns when nothing is being saved or compared."""
        while self.is_busy:
            await self._runner.idle()
            await self._comparing.idle()

    def _connect(self, close: Callable[[], None] | None) -> None:
        detail, chosen = self.detail, self._chosen
        for button, callback in (
            (detail.use_button, chosen.use),
            (detail.edit_button, chosen.edit),
            (detail.save_button, chosen.save),
            (detail.cancel_button, chosen.close_form),
            (detail.history_button, chosen.look_back),
            (detail.restore_button, chosen.restore),
            (detail.export_button, chosen.export),
            (detail.forget_button, chosen.ask_to_forget),
            (detail.confirm_button, chosen.forget),
            (detail.keep_button, chosen.close_form),
            (self.export_button, self._export_all),
            (self.list.previous_button, partial(self.list.turn, -ROWS_PER_PAGE)),
            (self.list.next_button, partial(self.list.turn, ROWS_PER_PAGE)),
            (self.close_button, close or (lambda: None)),
        ):
            button.on_click(self._ignoring_argument(callback))
        self.list.search_input.observe(self._ignoring_argument(self.list.search), "value")
        detail.version_input.observe(self._ignoring_argument(self._compare_versions), "value")
        self.import_input.observe(self._ignoring_argument(self._import), "value")

    def _choose(self, model_id: str | None) -> None:
        """Unfolds a row, or folds it where it is unfolded."""
        self.chosen = None if model_id == self.chosen else model_id
        self._answer.value = Html()
        self._show_chosen(anew=True)

    def _show_chosen(self, *, anew: bool) -> None:
        saved = next((one for one in self.list.configs if one.model_id == self.chosen), None)
        self.chosen = saved.model_id if saved else None
        self._chosen.show(saved, anew=anew)
        self.list.unfold(self.chosen)

    def _compare_versions(self) -> None:
        if self._chosen.saved is not None and self.detail.history.layout.display is None:
            self._chosen.compare()

    def _refresh(self, answer: Html) -> None:
        """Reads what is kept now; says something below the list."""
        self.list.show(self._actions.saved.list())
        self._show_chosen(anew=False)
        self._answer.value = answer
        self.error = None

    def _compared(self, verifications: tuple[Verification, ...]) -> None:
        if any(one.published_parameters is not None for one in verifications):
            self.list.show(self._actions.saved.list())
            self._show_chosen(anew=False)

    def _export_all(self) -> None:
        self._answer.value = export_html(self._actions, file_name_of_all())

    def _import(self) -> None:
        uploaded, self.import_input.value = self.import_input.value, ()
        if not uploaded:
            return
        name, content = uploaded[0]["name"], bytes(uploaded[0]["content"])
        self._runner.ask(
            lambda: self._actions.saved.import_file(content, source_name=name),
            self._imported,
            self._show_error,
            doing="Checking the configs and merging them …",
        )

    def _imported(self, summary: ImportSummary) -> None:
        self.show_saved()
        said = status_html(*import_sentences(summary))
        self._answer.value = join(said, alert_html(rejections_html(summary)) if summary.rejected else "")

    def _show_doing(self, doing: str) -> None:
        self.detail.set_busy(is_busy=bool(doing))
        self.import_input.disabled = bool(doing)
        said = status_html(doing) if doing else Html()
        self.detail.doing.value, self._doing.value = (said, Html()) if self.chosen else (Html(), said)

    def _show_comparing(self, doing: str) -> None:
        self._comparison.value = status_html(doing) if doing else Html()

    def _show_error(self, error: Exception) -> None:
        """Where the person looks: in what is unfolded, else below the list."""
        shown = as_shown(error)
        alert = alert_html(error_html(shown))
        self._answer.value = Html() if self.chosen else alert
        if self.chosen:
            self._chosen.say(str(shown), alert)
        self.error = error

    def _ignoring_argument(self, callback: Callable[[], None]) -> Callable[[object], None]:
        return self._edge(lambda _: callback())

    def _edge(self, callback: Callable[..., None]) -> Callable[..., None]:
        def called(*args: object) -> None:
            with errors_shown(self._show_error):
                callback(*args)

        return called


def _button(label: str, tooltip: str) -> PatientButton:
    return PatientButton(description=label, tooltip=tooltip, layout=Layout(width="auto"))
