"""The paste box: asks for a config that the Hub doesn't give, keeps it, and lets go on what waited for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec

from ipywidgets import VBox
from traitlets import Any as AnyTrait
from traitlets import Bool

from budsim_widgets.actions import Actions, default_actions
from budsim_widgets.panel.flow.callbacks import on_event, showing_errors
from budsim_widgets.panel.flow.guard import CallbackGuard
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.frontend import Frontend
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.style_sheet import style_sheet
from budsim_widgets.panel.language.language_switch import LanguageSwitch
from budsim_widgets.panel.prompt.account_line import AccountLine
from budsim_widgets.panel.prompt.after_saving import AfterSaving
from budsim_widgets.panel.prompt.box_message import BoxMessage
from budsim_widgets.panel.prompt.config_saver import ConfigSaver
from budsim_widgets.panel.prompt.copy_search import CopySearch
from budsim_widgets.panel.prompt.other_answers import OtherAnswers
from budsim_widgets.panel.prompt.question import show_question
from budsim_widgets.panel.prompt.undo import UndoButton
from budsim_widgets.panel.prompt.uploads import put_upload
from budsim_widgets.panel.prompt.view import PromptView, status_html
from budsim_widgets.panel.prompt.waiting import Waiting
from budsim_widgets.rendering.prose import translated_error
from budsim_widgets.translation import Speaker, in_language, remembering_language, speaker_of, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.panel.flow.pending import MissingConfig, PendingAction

_P = ParamSpec("_P")


class ConfigPrompt(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """Asks for the config of a model where the Hub doesn't give it, and lets what waited for it go on.

    In a `MemoryPanel` it opens by itself. Alone it gives any function of yours the same service:

        prompt = ConfigPrompt()
        button.on_click(prompt.guard(lambda _: show(bw.calculate("meta-llama/Llama-3.1-8B"))))
        display(button, prompt)

    Args:
        actions: What checks and keeps configs; None: the process's own, the user's store and the Hub.
        language: What it speaks, such as "zh"; None: what `BUDSIM_LANGUAGE` names, else JupyterLab's or the browser's.

    Attributes:
        visible: Whether the box is open.
        text_input, upload_input, submit_button, base_button, skip_button, cancel_button, undo_button: Its parts.
        error: The last error that a guarded callback or the saving raised.
        message: What it says now: what is asked for, what to fix, or what was saved; plain text.
        pending: What waits for the config, or None.
    """

    visible = Bool(default_value=False, help="Whether the box is open.")
    error = AnyTrait(default_value=None, allow_none=True, help="The last error that is no refusal of a paste.")

    def __init__(self, actions: Actions | None = None, *, language: str | Speaker | None = None) -> None:
        speaker = speaker_of(language)
        with in_language(speaker):
            frontend = self._build(actions or default_actions())
        if not isinstance(language, Speaker):
            LanguageSwitch(self, speaker, frontend)

    def _build(self, actions: Actions) -> Frontend:
        self._waiting = Waiting()
        self._view = view = PromptView()
        self._message = message = BoxMessage(view)
        self.text_input, self.upload_input = view.text, view.upload
        self.submit_button, self.skip_button, self.cancel_button = view.submit, view.skip, view.cancel
        self.base_button, self.retry_button, self.copy_buttons = view.base, view.retry, view.copies
        self.undo_button = UndoButton()
        self._runner = Runner(message.show_status, self._show_error)
        partners = (actions, self._runner, self._waiting, message)
        self._after_saving = AfterSaving(self, actions, self._waiting, message)
        self._saver = ConfigSaver(*partners, accepted=self._after_saving.accept, show_error=self._show_error)
        self.account_line = AccountLine(view.account, lambda: actions.resolver.hub, self._show_error)
        self._copies = CopySearch(*partners, buttons=view.copies, show_error=self._show_error)
        self._other_answers = OtherAnswers(self._waiting, message, self.dismiss)
        self._guarded = CallbackGuard(
            remembering_language(self.ask_for), remembering_language(self._show_error), self.clear_notice
        )
        frontend = Frontend()
        super().__init__([style_sheet(), view.form, view.notice, self.undo_button, frontend])
        self.add_class("budsim-root")
        self._connect()
        return frontend

    def _connect(self) -> None:
        view = self._view
        for button, callback in (
            (view.submit, self._submit),
            (view.cancel, self._other_answers.cancel),
            (view.skip, self._other_answers.skip),
            (view.base, self._saver.use_base),
            (view.retry, self._other_answers.retry),
            (view.copies.search, self._copies.start),
            (self.undo_button, self._undo),
        ):
            button.on_click(on_event(callback, self._show_error))
        view.copies.connect(showing_errors(self._saver.use_copy, self._show_error))
        view.text.observe(lambda _: self._message.take_back_refusal(), ["value", "edits"])
        view.upload.observe(on_event(self._use_upload, self._show_error), "value")
        self.observe(self._show_or_hide, "visible")

    def __repr__(self) -> str:
        missing = self._waiting.missing
        return f"ConfigPrompt({missing.model!r})" if missing else "ConfigPrompt()"

    @property
    def message(self) -> str:
        """What it says now: what is asked for, what to fix, or what was saved; plain text."""
        return self._message.text

    @property
    def pending(self) -> PendingAction | None:
        """The action that waits for a config, or None."""
        missing = self._waiting.missing
        return missing.action if missing else None

    @property
    def is_saving(self) -> bool:
        """Whether a submitted config is being checked and saved."""
        return self._runner.is_busy

    @property
    def is_busy(self) -> bool:
        """Whether something is being saved or a guarded coroutine runs."""
        return self._runner.is_busy or self._guarded.is_busy

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
        if not self._waiting.is_for(missing.model):
            self.text_input.value = ""
        self._runner.cancel()
        is_asked_again = self._waiting.is_asked_again
        is_same_answer = self._waiting.begin(missing)
        self.undo_button.withdraw()
        self._after_saving.listen()
        again = status_html(tr("The Hub was asked again, and its answer is the same.")) if is_same_answer else ""
        self._message.show(translated_error(missing.error), notice="", html=again)
        show_question(self._view, missing)
        self.account_line.begin(missing.error, anew=is_asked_again)
        self.visible = True
        self.text_input.focus()

    def dismiss(self) -> None:
        """Closes the box and forgets what waited for it; its text is cleared."""
        self._runner.cancel()
        self.account_line.end()
        self._waiting.end()
        self._after_saving.stop_listening()
        self.visible = False
        self.text_input.value = ""
        self._message.clear()

    def close(self) -> None:
        """Waits for nothing any more, and is gone from the page."""
        self._after_saving.stop_listening()
        super().close()

    def clear_notice(self) -> None:
        """Takes away what the box said last, when something new begins."""
        self._message.clear_notice()
        self.undo_button.withdraw()

    async def idle(self) -> None:
        """Returns when nothing is being saved and no guarded coroutine runs."""
        while self.is_busy:
            await self._runner.idle()
            await self._guarded.idle()

    def _submit(self) -> None:
        self._saver.submit(self.text_input.value)

    def _undo(self) -> None:
        self._after_saving.undo(self._saver)

    def _use_upload(self) -> None:
        put_upload(self.upload_input, self.text_input, self._message)

    def _show_error(self, error: Exception) -> None:
        self._message.show_error(error, is_open=self.visible)
        self.error = error

    def _show_or_hide(self, _: object) -> None:
        self._view.form.layout.display = SHOWN if self.visible else "none"
