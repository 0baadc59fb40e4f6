"""The panel: ask for a model, read what it takes; a gated model asks for its config and goes on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipywidgets import VBox
from traitlets import Any as AnyTrait

from budsim_widgets.actions import Actions, default_actions
from budsim_widgets.engines import Workload
from budsim_widgets.errors import ModelIdError
from budsim_widgets.hardware import find_accelerator
from budsim_widgets.panel.closing import parts_of
from budsim_widgets.panel.flow.action_flow import ActionFlow
from budsim_widgets.panel.flow.click_order import after_typed_text
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.flow.pending import PendingAction
from budsim_widgets.panel.flow.run_action import ActionResult, compare_anew, compares_the_same, run_action
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.markup import shorten
from budsim_widgets.panel.inputs.accelerator_choice import AcceleratorChoice
from budsim_widgets.panel.inputs.first_screen import FirstScreen
from budsim_widgets.panel.inputs.inputs import Inputs
from budsim_widgets.panel.inputs.suggestions import ModelSuggestions
from budsim_widgets.panel.kept_result import KeptResult, publish
from budsim_widgets.panel.keywords import refuse_unknown
from budsim_widgets.panel.prompt.config_prompt import ConfigPrompt
from budsim_widgets.panel.results.as_code import code_of_fields
from budsim_widgets.panel.results.as_notebook import notebook_text
from budsim_widgets.panel.saved.saved_box import SavedBox
from budsim_widgets.panel.shown_result import ShownResult
from budsim_widgets.panel.view import PanelView
from budsim_widgets.translation import in_language, language_of, remembering_language, tr

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from budsim_widgets.engines import Engine
    from budsim_widgets.errors import BudsimError
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.intake.gguf_file import GgufFile
    from budsim_widgets.panel.flow.pending import ActionType
    from budsim_widgets.panel.saved.saved_configs import SavedConfigs

_STATUS_DELAY_SECONDS = 0.2


class MemoryPanel(VBox):  # type: ignore[misc] # ipywidgets ships no types
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
        language: What it speaks, such as "zh"; None: what `BUDSIM_LANGUAGE` names, else English.

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
        self._language = language_of(language)
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
        self._name_parts(inputs)
        self._saved = SavedBox(self._actions, self._use_saved)
        self.prompt = ConfigPrompt(self._actions, language=self._language.code)
        self._view = PanelView(self._apply_option, self._show_error)
        self.stop_button, self.precisions_button = self._view.stop, self._view.precisions.toggle
        self._kept = KeptResult()
        self._shown = ShownResult(self._view, inputs, self._kept)
        self._view.frontend.kept = self._kept.display_id
        self._view.frontend.give_notebook = remembering_language(self._notebook_text)
        preferences = self._actions.resolver.store.preferences
        self._accelerator_choice = AcceleratorChoice(inputs.hardware.accelerator, preferences, self._show_error)
        self._suggestions = ModelSuggestions(
            inputs.models.model, lambda: self._actions.resolver.store, self._show_error
        )
        self._first_screen = FirstScreen(self._with_argument_and_errors_shown(self._try_example))
        self._first_screen.layout.display = "none" if inputs.models.model.value else SHOWN
        self._runner = Runner(
            self._view.show_status,
            self._show_error,
            delay_seconds=_STATUS_DELAY_SECONDS,
            show_steps=self._view.show_steps,
        )
        self._flow = ActionFlow(
            *(self._actions, self._runner, self.prompt),
            show=self._show,
            show_error=self._show_error,
            show_missing=self._show_missing,
            withdraw=self._withdraw,
        )
        view = self._view
        super().__init__(
            [self._first_screen, inputs.box, self._saved, view.busy, self.prompt, view.problem, view.result]
        )
        self.add_class("budsim-panel")
        self._connect()
        self._accelerator_choice.begin()
        self._suggestions.begin()

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
        while self._runner.is_busy or self.prompt.is_busy:
            await self._runner.idle()
            await self.prompt.idle()
        await self._accelerator_choice.idle()
        await self._suggestions.idle()
        await self._saved.idle()

    def close(self) -> None:
        """Frees the panel with all its parts; it is gone from the page."""
        for part in list(parts_of(self)):
            part.close()
        super().close()

    def to_code(self) -> str:
        """The line of Python that gives the result on screen; without a result, the panel itself."""
        return self._shown.code() or code_of_fields(self._inputs)

    def to_notebook(self, path: str | os.PathLike[str]) -> Path:
        """Writes a notebook that opens this panel with the same question, and shows the result on screen until then.

        Args:
            path: The file, such as "llama.ipynb"; one that is there is replaced.

        Returns:
            The path.

        Raises:
            OSError: It can't be written.
            ModelIdError: An access token stands in a field; it is emptied.

        Example:
            >>> panel.to_notebook("llama.ipynb")    # doctest: +SKIP
        """
        written = Path(path)
        written.write_text(self._notebook_text(), encoding="utf-8")
        return written

    def _notebook_text(self) -> str:
        self._inputs.models.refuse_secrets()
        return notebook_text(code_of_fields(self._inputs), self._kept.page)

    def __repr__(self) -> str:
        return f"MemoryPanel({shorten(self.model_input.value)!r})"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The widget; with a result also a page of its own, for whatever shows no widgets."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        with in_language(self._language):
            page = self._kept.page
        if page:
            bundle["text/html"] = page
        return bundle

    def _ipython_display_(self) -> None:
        """The widget, and beside it an output that outlives the kernel, in a saved or exported notebook."""
        # an empty page: where there is no widget, the output beside it says all there is to say
        publish({**super()._repr_mimebundle_(), "text/html": ""})
        with in_language(self._language):
            self._kept.display()

    def _name_parts(self, inputs: Inputs) -> None:
        """The parts as attributes, which people and programs know."""
        models, hardware, workload, training = inputs.models, inputs.hardware, inputs.workload_fields, inputs.training
        self.model_input, self.compare_input, self.compare_button = models.model, models.compare, models.start_comparing
        self.accelerator_input, self.device_count_input = hardware.accelerator, hardware.device_count
        self.engine_input, self.precision_input = workload.engine, workload.precision
        self.kv_cache_precision_input, self.batch_size_input = workload.kv_cache_precision, workload.batch_size
        self.seq_length_input, self.context_slider = workload.seq_length, workload.context_slider
        self.gpu_layers_input, self.cpu_moe_layers_input = workload.gpu_layers, workload.cpu_moe_layers
        self.method_input, self.lora_rank_input, self.tool_input = training.method, training.lora_rank, training.tool
        self.optimizer_input, self.sharding_input = training.optimizer, training.sharding
        self.gradient_checkpointing_input, self.finetune_button = training.gradient_checkpointing, training.start
        self.use_input = training.use
        self.calculate_button, self.analyze_button = inputs.calculate, inputs.analyze
        self.saved_button = inputs.open_saved

    def _connect(self) -> None:
        inputs = self._inputs
        for button, callback in (
            (inputs.calculate, self._calculate),
            (inputs.analyze, self._analyze),
            (inputs.models.start_comparing, self._compare),
            (self.finetune_button, self._finetune),
            (self.saved_button, self._saved.open_or_close),
            (self.stop_button, self._runner.cancel),
        ):
            button.on_click(self._with_errors_shown(callback))
        inputs.gguf.connect(self._take_gguf, self._show_error)
        inputs.models.model.on_msg(self._on_enter)
        for field in inputs.numbers:
            field.observe(self._with_errors_shown(self._recalculate), "value")
        inputs.hardware.accelerator.observe(self._with_errors_shown(self._take_accelerator), "value")
        for field in (inputs.models.model, inputs.models.compare):
            field.observe(self._with_errors_shown(self._shown.mark_stale), "value")
        self.prompt.observe(self._on_prompt_error, "error")

    def _calculate(self) -> None:
        self._inputs.models.safe_model()
        self._start("calculate")

    def _analyze(self) -> None:
        self._inputs.models.safe_model()
        self._start("analyze")

    def _finetune(self) -> None:
        self._inputs.models.safe_model()
        self._start("finetune")

    def _compare(self) -> None:
        if not self._inputs.models.safe_models_to_compare():
            raise ModelIdError(
                tr("No models to compare."),
                next_step=tr("Write their ids into the field, separated by commas or new lines."),
            )
        self._start("compare")

    def _try_example(self, model_id: str) -> None:
        self.model_input.value = model_id
        self._calculate()

    def _use_saved(self, model_id: str) -> None:
        self.model_input.value = model_id
        self.model_input.focus()

    def _take_gguf(self, name: str, file: GgufFile) -> None:
        self._actions.resolver.keep_gguf(name, file)
        self._inputs.choose_gguf(name)
        self._calculate()

    def _start(self, type_: ActionType) -> None:
        self._inputs.hardware.chosen()
        self._view.show_problem(None)
        self._flow.start(PendingAction(type_, self._inputs.params_of(type_)))

    def _on_enter(self, _: object, content: dict[str, Any], __: object) -> None:
        """Enter in the field of the model calculates."""
        if content.get("event") == "submit":
            after_typed_text(partial(self._with_errors_shown(self._calculate), None))

    def _recalculate(self) -> None:
        """The result on screen for other numbers; its config is at hand, so this takes no time and asks no one."""
        shown = self._shown.result
        if shown is None:
            return
        changed = replace(shown.action, params=self._shown.params_now())
        if compares_the_same(shown.action, changed) and not self._runner.is_busy:
            self._show(compare_anew(self._actions, shown, changed), follows=True)
        is_same_model = shown.resolved is not None and changed.params["model"] == shown.action.params["model"]
        if is_same_model and not self._runner.is_busy and changed != shown.action:
            self._show(run_action(self._actions, changed, shown.resolved), follows=True)
        self._shown.mark_stale()

    def _show(self, result: ActionResult, *, follows: bool = False) -> None:
        self._shown.show(result, follows=follows)
        self._view.show_problem(None)
        self._first_screen.layout.display = "none"
        if result.resolved is not None and result.resolved.source not in {"file", "dict"}:
            self._suggestions.remember(result.resolved.model_id)
        self.error = None
        self.result = result.report

    def _withdraw(self) -> None:
        """The config behind the result was taken back: so is the result."""
        self._shown.withdraw()
        self.result = None

    def _take_accelerator(self) -> None:
        """The result on screen for another accelerator."""
        shown = self._shown.result
        if shown is not None and shown.action.type == "finetune":
            self._inputs.hardware.chosen()
            self._recalculate()
        else:
            self._shown.show(shown, follows=True)
        self._view.show_problem(None)
        self._accelerator_choice.remember()

    def _apply_option(self, changes: Mapping[str, Any]) -> None:
        with errors_shown(self._show_error):
            self._inputs.apply(changes)

    def _show_error(self, error: Exception) -> None:
        self._view.show_problem(error)
        self.error = error

    def _show_missing(self, error: BudsimError | None) -> None:
        self.error = error

    def _on_prompt_error(self, change: Any) -> None:
        self.error = change["new"]

    def _with_errors_shown(self, callback: Callable[[], None]) -> Callable[[object], None]:
        def called(_: object) -> None:
            with errors_shown(self._show_error):
                callback()

        return remembering_language(called)

    def _with_argument_and_errors_shown(self, callback: Callable[[str], None]) -> Callable[[str], None]:
        def called(argument: str) -> None:
            with errors_shown(self._show_error):
                callback(argument)

        return called


_KEYWORDS = tuple(signature(MemoryPanel).parameters)[:-1]
