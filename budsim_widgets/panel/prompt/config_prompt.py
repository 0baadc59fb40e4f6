"""The paste box: asks for a config that the Hub doesn't give, keeps it, and lets go on what waited for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec

from ipywidgets import VBox
from traitlets import Any as AnyTrait
from traitlets import Bool

from budsim_widgets.actions import Actions, default_actions
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.flow.guard import Callbacks
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.html.markup import shorten
from budsim_widgets.panel.html.prose import as_shown, error_html
from budsim_widgets.panel.html.styles import style_sheet
from budsim_widgets.panel.prompt.messages import accepted_html, accepted_sentences, refusal_html, refusal_text
from budsim_widgets.panel.prompt.uploads import text_of
from budsim_widgets.panel.prompt.view import PromptView, alert_html, question_html, status_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.panel.flow.missing_config import Wanted
    from budsim_widgets.panel.flow.pending import PendingAction
    from budsim_widgets.schemas import ConfigSubmitResponse

_P = ParamSpec("_P")


class ConfigPrompt(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """Asks for the config of a model where the Hub doesn't give it, and lets what waited for it go on.

    In a `MemoryPanel` it opens by itself. Alone it gives any function of yours the same service:

        prompt = ConfigPrompt()
        button.on_click(prompt.guard(lambda _: show(bw.calculate("meta-llama/Llama-3.1-8B"))))
        display(button, prompt)

    Args:
        actions: What checks and keeps configs; None: the process's own, the user's store and the Hub.

    Attributes:
        visible: Whether the box is open.
        text_input, upload_input, submit_button, skip_button, cancel_button: Its parts.
        error: The last error that a guarded callback or the saving raised.
        message: What it says now: what is asked for, what to mend, or what was saved; plain text.
        pending: What waits for the config, or None.
    """

    visible = Bool(default_value=False, help="Whether the box is open.")
    error = AnyTrait(default_value=None, allow_none=True, help="The last error that is no refusal of a paste.")

    def __init__(self, actions: Actions | None = None) -> None:
        self._actions = actions or default_actions()
        self._wanted: Wanted | None = None
        self._view = view = PromptView()
        self.text_input, self.upload_input = view.text, view.upload
        self.submit_button, self.skip_button, self.cancel_button = view.submit, view.skip, view.cancel
        self.message = ""
        self._runner = Runner(self._show_saving, self._show_error)
        self._callbacks = Callbacks(self.ask, self._show_error, self.forget_notice)
        super().__init__([style_sheet(), view.form, view.notice])
        self.observe(self._show_or_hide, "visible")
        view.submit.on_click(self._on_click(self._submit))
        view.cancel.on_click(self._on_click(self._cancel))
        view.skip.on_click(self._on_click(self._skip))
        view.upload.observe(self._on_click(self._take_upload), "value")

    def __repr__(self) -> str:
        return f"ConfigPrompt({self._wanted.model!r})" if self._wanted else "ConfigPrompt()"

    @property
    def pending(self) -> PendingAction | None:
        """The action that waits for a config, or None."""
        return self._wanted.pending if self._wanted else None

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
        return self._callbacks.guard(callback)

    def ask(self, wanted: Wanted) -> None:
        """Opens the box for a config; the text for another model is cleared, that for the same one stays."""
        if self._wanted is not None and self._wanted.model != wanted.model:
            self.text_input.value = ""
        self._runner.drop()
        self._wanted = wanted
        name = shorten(wanted.error.model_id or wanted.model)
        self._say(str(wanted.error), notice="", answer="")
        self._view.question.value = question_html(name, error_html(wanted.error))
        self.skip_button.layout.display = "none" if wanted.skip is None else None
        self.visible = True
        self.text_input.focus()

    def dismiss(self) -> None:
        """Closes the box and forgets what waited for it; its text is cleared, so that no notebook keeps it."""
        self._runner.drop()
        self._wanted = None
        self.visible = False
        self.text_input.value = ""
        self._view.answer.value = ""

    def forget_notice(self) -> None:
        """Takes away what the box said last, when something new begins."""
        self._view.notice.value = ""

    async def idle(self) -> None:
        """Returns when nothing is being saved and no guarded coroutine runs."""
        while self.is_busy:
            await self._runner.idle()
            await self._callbacks.idle()

    @property
    def is_busy(self) -> bool:
        """Whether something is being saved or a guarded coroutine runs."""
        return self._runner.is_busy or self._callbacks.is_busy

    def _submit(self) -> None:
        wanted = self._wanted
        if wanted is None:
            return
        text = self.text_input.value
        self._view.answer.value = ""
        self._runner.ask(
            lambda: self._actions.submit_config(wanted.model, text),
            lambda response: self._answered(wanted, response),
            self._show_error,
            doing="Checking the config and saving it …",
        )

    def _answered(self, wanted: Wanted, response: ConfigSubmitResponse) -> None:
        if not response.success:
            self._refused(response)
            return
        sentences = accepted_sentences(response)
        self.dismiss()
        self._say(" ".join(sentences), notice=accepted_html(response))
        wanted.resume()

    def _refused(self, response: ConfigSubmitResponse) -> None:
        if response.details.get("code") == "SECRET":
            # what stays in the box is saved with the notebook, and a token must not be
            self.text_input.value = ""
        self._say(refusal_text(response), answer=alert_html(refusal_html(response)))

    def _cancel(self) -> None:
        wanted = self._wanted
        self.dismiss()
        self._say("", notice="")
        if wanted is not None:
            wanted.cancel()

    def _skip(self) -> None:
        wanted = self._wanted
        if wanted is not None and wanted.skip is not None:
            self.dismiss()
            wanted.skip()

    def _take_upload(self) -> None:
        uploaded, self.upload_input.value = self.upload_input.value, ()
        if uploaded:
            self._view.answer.value = ""
            self.text_input.value = text_of(uploaded[0]["content"])

    def _on_click(self, callback: Callable[[], None]) -> Callable[[object], None]:
        def clicked(_: object) -> None:
            with errors_shown(self._show_error):
                callback()

        return clicked

    def _show_error(self, error: Exception) -> None:
        """In the box where it is open, else under it."""
        shown = as_shown(error)
        alert = alert_html(error_html(shown))
        self._say(str(shown), **({"answer": alert} if self.visible else {"notice": alert}))
        self.error = error

    def _show_saving(self, doing: str) -> None:
        self.submit_button.disabled = self.text_input.disabled = self.upload_input.disabled = bool(doing)
        if doing:
            self._say(doing, answer=status_html(doing))

    def _show_or_hide(self, _: object) -> None:
        self._view.form.layout.display = None if self.visible else "none"

    def _say(self, text: str, *, answer: str | None = None, notice: str | None = None) -> None:
        self.message = text
        if answer is not None:
            self._view.answer.value = answer
        if notice is not None:
            self._view.notice.value = notice
