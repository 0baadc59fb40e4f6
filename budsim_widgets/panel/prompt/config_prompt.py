"""The paste box: asks for a config that the Hub doesn't give, keeps it, and lets go on what waited for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec

from ipywidgets import VBox
from traitlets import Any as AnyTrait
from traitlets import Bool

from budsim_widgets.actions import Actions, default_actions
from budsim_widgets.errors import GatedModelError
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.flow.guard import CallbackGuard
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.frontend import Frontend
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.markup import Html, join, shorten
from budsim_widgets.panel.html.prose import as_shown, error_html, translated_error
from budsim_widgets.panel.html.styles import style_sheet
from budsim_widgets.panel.prompt import open_prompts
from budsim_widgets.panel.prompt.messages import accepted_html, accepted_sentences, refusal_html, refusal_text
from budsim_widgets.panel.prompt.undo import UndoButton
from budsim_widgets.panel.prompt.uploads import text_of
from budsim_widgets.panel.prompt.view import PromptView, alert_html, status_html, title_html
from budsim_widgets.translation import in_language, language_of, remembering_language, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.errors import BudsimError
    from budsim_widgets.panel.flow.pending import MissingConfig, PendingAction
    from budsim_widgets.schemas import ConfigSubmitResponse
    from budsim_widgets.store import ConfigStore

_P = ParamSpec("_P")


class ConfigPrompt(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """Asks for the config of a model where the Hub doesn't give it, and lets what waited for it go on.

    In a `MemoryPanel` it opens by itself. Alone it gives any function of yours the same service:

        prompt = ConfigPrompt()
        button.on_click(prompt.guard(lambda _: show(bw.calculate("meta-llama/Llama-3.1-8B"))))
        display(button, prompt)

    Args:
        actions: What checks and keeps configs; None: the process's own, the user's store and the Hub.
        language: What it speaks, such as "zh"; None: what `BUDSIM_LANGUAGE` names, else English.

    Attributes:
        visible: Whether the box is open.
        text_input, upload_input, submit_button, base_button, skip_button, cancel_button, undo_button: Its parts.
        error: The last error that a guarded callback or the saving raised.
        message: What it says now: what is asked for, what to fix, or what was saved; plain text.
        pending: What waits for the config, or None.
    """

    visible = Bool(default_value=False, help="Whether the box is open.")
    error = AnyTrait(default_value=None, allow_none=True, help="The last error that is no refusal of a paste.")

    def __init__(self, actions: Actions | None = None, *, language: str | None = None) -> None:
        with in_language(language_of(language)):
            self._build(actions or default_actions())

    def _build(self, actions: Actions) -> None:
        self._actions = actions
        self._missing: MissingConfig | None = None
        self._is_retried = False
        self._view = view = PromptView()
        self.text_input, self.upload_input = view.text, view.upload
        self.submit_button, self.skip_button, self.cancel_button = view.submit, view.skip, view.cancel
        self.base_button, self.retry_button, self.copy_buttons = view.base, view.retry, view.copies
        self.message = ""
        self.undo_button = UndoButton()
        self._runner = Runner(self._show_saving, self._show_error)
        self._guarded = CallbackGuard(
            remembering_language(self.ask_for), remembering_language(self._show_error), self.clear_notice
        )
        super().__init__([style_sheet(), view.form, view.notice, self.undo_button, Frontend()])
        self.add_class("budsim-root")
        self.observe(self._show_or_hide, "visible")
        view.submit.on_click(self._on_click(self._submit))
        view.cancel.on_click(self._on_click(self._cancel))
        view.skip.on_click(self._on_click(self._skip))
        view.base.on_click(self._on_click(self._use_base))
        view.retry.on_click(self._on_click(self._retry))
        view.copies.search.on_click(self._on_click(self._look_for_copies))
        view.copies.connect(self._use_copy)
        self.undo_button.on_click(self._on_click(self._undo))
        view.upload.observe(self._on_click(self._use_upload), "value")

    def __repr__(self) -> str:
        return f"ConfigPrompt({self._missing.model!r})" if self._missing else "ConfigPrompt()"

    @property
    def pending(self) -> PendingAction | None:
        """The action that waits for a config, or None."""
        return self._missing.action if self._missing else None

    @property
    def is_saving(self) -> bool:
        """Whether a submitted config is being checked and saved."""
        return self._runner.is_busy

    def guard(self, callback: Callable[_P, Any]) -> Callable[_P, Any]:
        """A function that asks for the config that its model lacks, then does what it was called for.

        If `callback` raises an error that a pasted config solves (`GatedModelError` above all), the box opens; after a
        submission the callback is called again with the same arguments. Any other error is shown under the box.

        Args:
            callback: A function or a coroutine function; it is called with whatever the guarded one is called with.

        Returns:
            The guarded function. It returns what `callback` returns, or None if that raised. Where `callback` is a
            coroutine function it starts a task and returns it.
        """
        return self._guarded.guard(callback)

    def ask_for(self, missing: MissingConfig) -> None:
        """Opens the box for a config; the text for another model is cleared, that for the same one stays."""
        is_known = self._missing is not None and self._missing.model == missing.model
        if not is_known:
            self.text_input.value = ""
        self._runner.cancel()
        self._missing = missing
        self.undo_button.withdraw()
        open_prompts.opened(self)
        name = shorten(missing.error.model_id or missing.model)
        is_same, self._is_retried = self._is_retried and is_known, False
        again = status_html(tr("The Hub was asked again, and its answer is the same.")) if is_same else ""
        self._show_message(translated_error(missing.error), notice="", html=again)
        self._view.title.value = title_html(name, error_html(missing.error), _file_url(missing.error))
        self._view.copies.offer_search(is_offered=isinstance(missing.error, GatedModelError))
        self.skip_button.layout.display = "none" if missing.skip is None else SHOWN
        base_model = getattr(missing.error, "base_model", None)
        self.base_button.layout.display = SHOWN if base_model else "none"
        self.base_button.description = tr("Use the config of {model}", model=shorten(base_model)) if base_model else ""
        self.visible = True
        self.text_input.focus()

    def dismiss(self) -> None:
        """Closes the box and forgets what waited for it; its text is cleared, so that no notebook keeps it."""
        self._runner.cancel()
        self._missing, self._is_retried = None, False
        open_prompts.closed(self)
        self.visible = False
        self.text_input.value = ""
        self._view.message.value = ""

    def close(self) -> None:
        """Waits for nothing any more, and is gone from the page."""
        open_prompts.closed(self)
        super().close()

    def clear_notice(self) -> None:
        """Takes away what the box said last, when something new begins."""
        self._view.notice.value = ""
        self.undo_button.withdraw()

    async def idle(self) -> None:
        """Returns when nothing is being saved and no guarded coroutine runs."""
        while self.is_busy:
            await self._runner.idle()
            await self._guarded.idle()

    @property
    def is_busy(self) -> bool:
        """Whether something is being saved or a guarded coroutine runs."""
        return self._runner.is_busy or self._guarded.is_busy

    def _submit(self) -> None:
        text = self.text_input.value
        self._save(lambda model: self._actions.submit_config(model, text))

    def _use_base(self) -> None:
        base_model = getattr(self._missing.error, "base_model", None) if self._missing else None
        self._save(lambda model: self._actions.use_base_config(model, base_model))

    def _use_copy(self, copy: str) -> None:
        with errors_shown(self._show_error):
            self._save(lambda model: self._actions.use_base_config(model, copy), copy=copy)

    def _look_for_copies(self) -> None:
        missing = self._missing
        if missing is None:
            return
        self._view.message.value = Html()
        self._runner.run(
            lambda: self._actions.public_copies(missing.error.model_id or missing.model),
            self._show_copies,
            self._show_error,
            status=tr("Looking for public copies …"),
        )

    def _show_copies(self, model_ids: tuple[str, ...]) -> None:
        self._view.copies.show(model_ids)
        if model_ids:
            said = tr("These are open to everybody and have as many parameters; their config may differ in details.")
        else:
            said = tr("The Hub lists no public copy with as many parameters.")
        self._show_message(said, html=status_html(said))

    def _retry(self) -> None:
        """Asks the Hub once more; the box stays as it is where the answer is the same."""
        missing = self._missing
        if missing is None:
            return
        if missing.action.type == "callback":
            self.dismiss()
        self._is_retried = True
        missing.resume()

    def _save(self, save: Callable[[str], ConfigSubmitResponse], *, copy: str | None = None) -> None:
        missing = self._missing
        if missing is None:
            return
        self._view.message.value = ""
        self._runner.run(
            lambda: save(missing.model),
            lambda response: self._on_response(missing, response, copy),
            self._show_error,
            status=tr("Checking the config and saving it …"),
        )

    def _on_response(self, missing: MissingConfig, response: ConfigSubmitResponse, copy: str | None) -> None:
        if not response.success:
            self._show_refusal(response)
            return
        said = tr("It is the config of {model}, a public copy.", model=shorten(copy)) if copy else ""
        sentences = [*accepted_sentences(response), *filter(None, [said])]
        self.dismiss()
        notice = join(accepted_html(response), status_html(said) if said else "")
        self._show_message(" ".join(sentences), notice=notice)
        self.undo_button.offer(missing, response)
        missing.resume()
        for other in open_prompts.others_for(self, response.model_id or missing.model):
            other.go_on(response)

    def waits_for(self, model_id: str, store: ConfigStore) -> bool:
        """Whether the box is open for the config of a model that is kept in this store."""
        missing = self._missing
        return missing is not None and self.store is store and (missing.error.model_id or missing.model) == model_id

    @property
    def store(self) -> ConfigStore:
        """Where configs are kept."""
        return self._actions.resolver.store

    def go_on(self, response: ConfigSubmitResponse) -> None:
        """The config was pasted elsewhere: closes the box, and what waited for it goes on."""
        missing = self._missing
        self.dismiss()
        self._show_message(response.message, notice=status_html(response.message))
        if missing is not None:
            missing.resume()

    def _undo(self) -> None:
        missing = self.undo_button.missing
        if missing is None:
            return
        model_id = missing.error.model_id or missing.model
        self._runner.run(
            lambda: self._actions.saved.undo(model_id),
            lambda _: self._ask_again(missing),
            self._show_error,
            status=tr("Forgetting the config …"),
        )

    def _ask_again(self, missing: MissingConfig) -> None:
        missing.undone()
        self.ask_for(missing)

    def _show_refusal(self, response: ConfigSubmitResponse) -> None:
        if response.details.get("code") == "SECRET":
            # what stays in the box is saved with the notebook, and a token must not be
            self.text_input.value = ""
        self._show_message(refusal_text(response), html=alert_html(refusal_html(response)))

    def _cancel(self) -> None:
        missing = self._missing
        self.dismiss()
        self._show_message("", notice="")
        if missing is not None:
            missing.cancel()

    def _skip(self) -> None:
        missing = self._missing
        if missing is not None and missing.skip is not None:
            self.dismiss()
            missing.skip()

    def _use_upload(self) -> None:
        uploaded, self.upload_input.value = self.upload_input.value, ()
        if uploaded:
            self._view.message.value = ""
            self.text_input.value = text_of(uploaded[0]["content"])

    def _on_click(self, callback: Callable[[], None]) -> Callable[[object], None]:
        def clicked(_: object) -> None:
            with errors_shown(self._show_error):
                callback()

        return remembering_language(clicked)

    def _show_error(self, error: Exception) -> None:
        """In the box where it is open, else under it."""
        shown = as_shown(error)
        alert = alert_html(error_html(shown))
        self._show_message(translated_error(shown), **({"html": alert} if self.visible else {"notice": alert}))
        self.error = error

    def _show_saving(self, status: str) -> None:
        for part in (self.submit_button, self.base_button, self.text_input, self.upload_input):
            part.disabled = bool(status)
        self._view.copies.set_busy(is_busy=bool(status))
        if status:
            self._show_message(status, html=status_html(status))

    def _show_or_hide(self, _: object) -> None:
        self._view.form.layout.display = SHOWN if self.visible else "none"

    def _show_message(self, text: str, *, html: str | None = None, notice: str | None = None) -> None:
        self.message = text
        if html is not None:
            self._view.message.value = html
        if notice is not None:
            self._view.notice.value = notice


def _file_url(error: BudsimError) -> str | None:
    """The page of the file that is asked for; None where the repository may not have it."""
    return f"{error.url}/blob/main/config.json" if isinstance(error, GatedModelError) and error.url else None
