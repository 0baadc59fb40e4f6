"""The panel: ask for a model, read what it takes; a gated model asks for its config and goes on."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from traitlets import Any as AnyTrait

from budsim_widgets.actions import Actions, default_actions
from budsim_widgets.panel.closing import parts_of
from budsim_widgets.panel.displayed import DisplayedBox
from budsim_widgets.panel.flow.action_flow import ActionFlow
from budsim_widgets.panel.flow.callbacks import on_event, showing_errors
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.flow.runners import Runners
from budsim_widgets.panel.following_fields import FollowingFields
from budsim_widgets.panel.inputs.input_help import InputHelp
from budsim_widgets.panel.inputs.inputs import Inputs
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
from budsim_widgets.panel_question.question import Question
from budsim_widgets.rendering.markup import shorten
from budsim_widgets.translation import in_language, remembering_language, speaker_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from budsim_widgets.engines import Engine
    from budsim_widgets.errors import BudsimError
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.panel.flow.pending import PendingAction
    from budsim_widgets.panel.flow.run_action import ActionResult
    from budsim_widgets.panel.saved.saved_configs import SavedConfigs


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
        accelerator: What it should fit on, such as "RTX 4090" or "2x3090"; "": the smallest that does; None: the one
            that was chosen last, or this machine's own.
        device_count: How many of them.
        ask: What the panel is opened for: "calculate", "analyze", "compare" or "finetune"; nothing starts by itself.
        training: What stands in the fields of fine-tuning, as `bw.finetune` calls it: {"method": "qlora"}.
        language: What it speaks, such as "zh"; None: what `BUDSIM_LANGUAGE` names, else JupyterLab's or the browser's.

    Attributes:
        result: The last report, a trait to observe.
        error: The last error, a trait to observe; None once something succeeds.
        prompt: The paste box, a `ConfigPrompt`.
        model_input, accelerator_input, device_count_input, engine_input, gpu_layers_input, cpu_moe_layers_input,
        precision_input, kv_cache_precision_input, batch_size_input, seq_length_input, context_slider, calculate_button,
        analyze_button, compare_input, compare_button, saved_button, stop_button, precisions_button,
        precision_chips, method_input,
        lora_rank_input, optimizer_input, tool_input, sharding_input, gradient_checkpointing_input, use_input,
        finetune_button: The parts.

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
        compare: str | Iterable[str] = (),
        accelerator: str | None = None,
        device_count: int | None = None,
        ask: str = "calculate",
        training: Mapping[str, Any] | None = None,
        language: str | None = None,
        **unknown: object,
    ) -> None:
        refuse_unknown("MemoryPanel", unknown, _KEYWORDS)
        self._language = speaker_of(language)
        question = Question.of(
            "" if model_id is None else model_id,
            batch_size=batch_size,
            seq_length=seq_length,
            precision=precision,
            kv_cache_precision=kv_cache_precision,
            engine=engine,
            compare=compare,
            accelerator=accelerator,
            device_count=device_count,
            ask=ask,
            training=training,
        )
        # what stands in the fields is text of a person, and never names a file
        self._actions = (actions or default_actions()).without_file_paths()
        with in_language(self._language):
            self._build(Inputs(question))
            self._help.begin(fills_in=accelerator is None)

    def _build(self, inputs: Inputs) -> None:
        self._inputs = inputs
        name_parts(self, inputs)
        self._saved = SavedBox(self._actions, inputs.choose_model)
        self.prompt = ConfigPrompt(self._actions, language=self._language)
        self._view = view = PanelView(showing_errors(inputs.apply, self._show_error), self._show_error)
        self.stop_button, self.precisions_button = view.busy.stop, view.precisions.toggle
        self.precision_chips = view.glance.chips
        self._kept = KeptResult()
        self._shown = ShownResult(view, inputs, self._kept)
        view.frontend.kept = self._kept.display_id
        view.take_away.give_notebook = remembering_language(self.notebook_text)
        self._runners = Runners(view.busy, self._show_error)
        self._started = StartedActions(self._actions, inputs, view, self._flow())
        self._following = FollowingFields(
            *(self._actions, inputs, self._runners),
            shown=self._shown,
            show=self._show,
            show_error=self._show_error,
        )
        self._help = InputHelp(
            *(self._actions, inputs), calculate_example=self._started.calculate_example, show_error=self._show_error
        )
        super().__init__(
            [self._help.first_screen, inputs.box, self._saved, view.busy, self.prompt, view.problem, view.result]
        )
        self.add_class("budsim-panel")
        self._connect()
        LanguageSwitch(self, self._language, view.frontend, self._show_anew)

    def _flow(self) -> ActionFlow:
        return ActionFlow(
            *(self._actions, self._runners.started, self.prompt),
            show=self._show,
            show_error=self._show_error,
            show_missing=self._show_missing,
            withdraw=self._withdraw,
        )

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
        while self._runners.is_busy or self.prompt.is_busy:
            await self._runners.idle()
            await self.prompt.idle()
        self._shown.finish()
        await self._help.idle()
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
        self._started.connect(self._show_error)
        self._following.connect()
        self.saved_button.on_click(on_event(self._saved.open_or_close, self._show_error))
        self.stop_button.on_click(on_event(self._runners.cancel, self._show_error))
        self.accelerator_input.observe(on_event(self._take_accelerator, self._show_error), "value")
        self.prompt.observe(self._on_prompt_error, "error")
        self.observe(lambda change: self._inputs.mark_refused(change["new"]), "error")

    def _show(self, result: ActionResult, *, follows: bool = False) -> None:
        self._shown.show(result, follows=follows)
        self._view.show_problem(None)
        self._help.take_result(result.resolved)
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
        self._help.remember_accelerator()

    def _show_error(self, error: Exception) -> None:
        self._view.show_problem(error)
        self.error = error

    def _show_missing(self, error: BudsimError | None) -> None:
        self.error = error

    def _on_prompt_error(self, change: Any) -> None:
        self.error = change["new"]


_KEYWORDS = tuple(signature(MemoryPanel).parameters)[:-1]
