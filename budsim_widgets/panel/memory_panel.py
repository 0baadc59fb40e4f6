"""The panel: ask for a model, read what it takes; a gated model asks for its config and goes on."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from traitlets import Any as AnyTrait

from budsim_widgets.actions import Actions, default_actions
from budsim_widgets.engines import Workload
from budsim_widgets.hardware import find_accelerator
from budsim_widgets.panel.closing import parts_of
from budsim_widgets.panel.displayed import DisplayedBox
from budsim_widgets.panel.flow.action_flow import ActionFlow
from budsim_widgets.panel.flow.callbacks import on_enter, on_event, showing_errors
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.following_fields import FollowingFields
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.inputs.accelerator_choice import AcceleratorChoice
from budsim_widgets.panel.inputs.first_screen import FirstScreen
from budsim_widgets.panel.inputs.inputs import Inputs
from budsim_widgets.panel.inputs.suggestions import ModelSuggestions
from budsim_widgets.panel.kept_result import KeptResult
from budsim_widgets.panel.keywords import refuse_unknown
from budsim_widgets.panel.language.language_switch import LanguageSwitch
from budsim_widgets.panel.named_parts import name_parts
from budsim_widgets.panel.prompt.config_prompt import ConfigPrompt
from budsim_widgets.panel.saved.saved_box import SavedBox
from budsim_widgets.panel.shown_result import ShownResult
from budsim_widgets.panel.started_actions import StartedActions
from budsim_widgets.panel.taken_along import TakenAlong
from budsim_widgets.panel.view import PanelView
from budsim_widgets.rendering.markup import shorten
from budsim_widgets.translation import in_language, remembering_language, speaker_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.engines import Engine
    from budsim_widgets.errors import BudsimError
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.panel.flow.pending import PendingAction
    from budsim_widgets.panel.flow.run_action import ActionResult
    from budsim_widgets.panel.saved.saved_configs import SavedConfigs

_STATUS_DELAY_SECONDS = 0.2


class MemoryPanel(TakenAlong, DisplayedBox):
    """Does this model fit? A panel for the last line of a cell.

        bw.MemoryPanel("meta-llama/Llama-3.1-8B")

    Args:
        model_id: The model that stands in the panel at first; a Hub id or address.
        actions: What calculates; None: the process's own actions, on the user's store and the Hub.
        batch_size: Sequences at once.
        seq_length: Tokens of each sequence.
        precision: Format of the weights, such as "bf16"; "auto" is the config's own.
        kv_cache_precision: Format of keys and values.
        engine: What runs the model: its name, such as "vllm", or an engine with settings.
        compare: Models that stand in the field of models to compare.
        accelerator: What it should fit on, such as "RTX 4090" or "2x3090"; None: the smallest that does.
        device_count: How many of them.
        language: What it speaks, such as "zh"; None: what `BUDSIM_LANGUAGE` names, else JupyterLab's or the browser's.

    Attributes:
        result: The last report, a trait to observe.
        error: The last error, a trait to observe; None once something succeeds.
        prompt: The paste box, a `ConfigPrompt`.
        model_input, accelerator_input, device_count_input, engine_input, gpu_layers_input, cpu_moe_layers_input,
        precision_input, kv_cache_precision_input, batch_size_input, seq_length_input, context_slider, calculate_button,
        analyze_button, compare_input, compare_button, saved_button, stop_button, precisions_button, method_input,
        lora_rank_input, optimizer_input, tool_input, sharding_input, gradient_checkpointing_input, use_input,
        finetune_button: The
            parts.

    Raises:
        TypeError: A keyword is unknown.
        WorkloadError: A parameter is out of range.
        LanguageError: There is no translation into this language.
    """

    result = AnyTrait(default_value=None, allow_none=True, help="The last report.")
    error = AnyTrait(default_value=None, allow_none=True, help="The last error.")

    def __init__(  # noqa: PLR0913 - the fields of the panel
        self,
        model_id: str | None = None,
        *,
        actions: Actions | None = None,
        batch_size: int = 1,
        seq_length: int = 2048,
        precision: str = "auto",
        kv_cache_precision: str = "auto",
        engine: str | Engine = "transformers",
        compare: Iterable[str] = (),
        accelerator: str | None = None,
        device_count: int | None = None,
        language: str | None = None,
        **unknown: object,
    ) -> None:
        refuse_unknown("MemoryPanel", unknown, _KEYWORDS)
        self._language = speaker_of(language)
        named, count = find_accelerator(accelerator) if accelerator else (None, 1)
        workload = Workload.of(
            batch_size=batch_size,
            seq_length=seq_length,
            precision=precision,
            kv_cache_precision=kv_cache_precision,
            engine=engine,
            tensor_parallel=count if device_count is None else device_count,
        )
        # what stands in the fields is text of a person, and never names a file
        self._actions = (actions or default_actions()).without_file_paths()
        with in_language(self._language):
            self._build(Inputs(model_id or "", compare, workload, named.name if named else ""))

    def _build(self, inputs: Inputs) -> None:
        self._inputs = inputs
        name_parts(self, inputs)
        self._saved = SavedBox(self._actions, inputs.choose_model)
        self.prompt = ConfigPrompt(self._actions, language=self._language)
        self._view = view = PanelView(showing_errors(inputs.apply, self._show_error), self._show_error)
        self.stop_button, self.precisions_button = view.busy.stop, view.precisions.toggle
        self._kept = KeptResult()
        self._shown = ShownResult(view, inputs, self._kept)
        view.frontend.kept = self._kept.display_id
        view.take_away.give_notebook = remembering_language(self.notebook_text)
        self._runner, self._comparing = self._runner_of(view), self._runner_of(view)
        self._started = StartedActions(self._actions, inputs, view, self._flow())
        self._following = FollowingFields(
            *(self._actions, inputs, self._runner, self._comparing),
            shown=self._shown,
            show=self._show,
            show_error=self._show_error,
        )
        self._build_helps(inputs)
        super().__init__(
            [self._first_screen, inputs.box, self._saved, view.busy, self.prompt, view.problem, view.result]
        )
        self.add_class("budsim-panel")
        self._connect()
        LanguageSwitch(self, self._language, view.frontend, self._show_anew)
        self._accelerator_choice.begin()
        self._suggestions.begin()

    def _runner_of(self, view: PanelView) -> Runner:
        busy = view.busy
        return Runner(
            busy.show_status, self._show_error, delay_seconds=_STATUS_DELAY_SECONDS, show_steps=busy.show_steps
        )

    def _stop(self) -> None:
        self._runner.cancel()
        self._comparing.cancel()

    def _flow(self) -> ActionFlow:
        return ActionFlow(
            *(self._actions, self._runner, self.prompt),
            show=self._show,
            show_error=self._show_error,
            show_missing=self._show_missing,
            withdraw=self._withdraw,
        )

    def _build_helps(self, inputs: Inputs) -> None:
        """What helps to fill in the fields."""
        preferences = self._actions.resolver.store.preferences
        model = inputs.models.model
        self._accelerator_choice = AcceleratorChoice(inputs.hardware.accelerator, preferences, self._show_error)
        self._suggestions = ModelSuggestions(model, lambda: self._actions.resolver.store, self._show_error)
        self._first_screen = FirstScreen(showing_errors(self._started.calculate_example, self._show_error))
        self._first_screen.layout.display = "none" if model.value else SHOWN

    @property
    def pending(self) -> PendingAction | None:
        """The action that waits for a config, or None."""
        return self.prompt.pending

    @property
    def fit_report(self) -> FitReport | None:
        """What of the calculated model fits on the chosen accelerator; None without one."""
        return self._shown.fit_report

    @property
    def saved(self) -> SavedConfigs:
        """The view of saved configs; made when it is first asked for."""
        with in_language(self._language):
            return self._saved.view

    async def idle(self) -> None:
        """Returns when nothing is being calculated or saved.

        Example:
            panel.calculate_button.click()   # in one cell
            await panel.idle()               # in the next
        """
        while self._runner.is_busy or self._comparing.is_busy or self.prompt.is_busy:
            await self._runner.idle()
            await self._comparing.idle()
            await self.prompt.idle()
        self._shown.finish()
        await self._accelerator_choice.idle()
        await self._suggestions.idle()
        await self._saved.idle()
        await self._view.precisions.idle()

    def close(self) -> None:
        """Frees the panel with all its parts; it is gone from the page."""
        for part in list(parts_of(self)):
            part.close()
        super().close()

    def __repr__(self) -> str:
        return f"MemoryPanel({shorten(self.model_input.value)!r})"

    def _connect(self) -> None:
        inputs, started = self._inputs, self._started
        for button, callback in (
            (inputs.calculate, started.calculate),
            (inputs.analyze, started.analyze),
            (inputs.models.start_comparing, started.compare),
            (self.finetune_button, started.finetune),
            (self.saved_button, self._saved.open_or_close),
            (self.stop_button, self._stop),
        ):
            button.on_click(on_event(callback, self._show_error))
        inputs.gguf.connect(started.calculate_gguf, self._show_error)
        on_enter(inputs.models.model, started.ask, self._show_error)
        for field in inputs.numbers:
            field.observe(on_event(self._following.recalculate, self._show_error), "value")
        inputs.hardware.accelerator.observe(on_event(self._take_accelerator, self._show_error), "value")
        for field in (inputs.models.model, inputs.models.compare, inputs.training.use):
            field.observe(on_event(self._shown.mark_stale, self._show_error), "value")
        self.prompt.observe(self._on_prompt_error, "error")
        self.observe(lambda change: inputs.mark_refused(change["new"]), "error")

    def _show(self, result: ActionResult, *, follows: bool = False) -> None:
        self._shown.show(result, follows=follows)
        self._view.show_problem(None)
        self._first_screen.layout.display = "none"
        if result.resolved is not None and result.resolved.source not in {"file", "dict"}:
            self._suggestions.remember(result.resolved.model_id)
        self.error = None
        self.result = result.report

    def _show_anew(self) -> None:
        with errors_shown(self._show_error):
            self._shown.show(self._shown.result, follows=True)
            self._saved.show_anew()

    def _withdraw(self) -> None:
        """The config behind the result was taken back: so is the result."""
        self._shown.withdraw()
        self.result = None

    def _take_accelerator(self) -> None:
        self._following.take_accelerator()
        self._view.show_problem(None)
        self._accelerator_choice.remember()

    def _show_error(self, error: Exception) -> None:
        self._view.show_problem(error)
        self.error = error

    def _show_missing(self, error: BudsimError | None) -> None:
        self.error = error

    def _on_prompt_error(self, change: Any) -> None:
        self.error = change["new"]


_KEYWORDS = tuple(signature(MemoryPanel).parameters)[:-1]
