"""What a person starts: with a button, with Enter, with an example, or by opening a GGUF file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import ModelIdError
from budsim_widgets.panel.flow.callbacks import on_enter, on_event
from budsim_widgets.panel.flow.pending import PendingAction
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.intake.gguf_file import GgufFile
    from budsim_widgets.panel.flow.action_flow import ActionFlow
    from budsim_widgets.panel.flow.pending import ActionType
    from budsim_widgets.panel.inputs.inputs import Inputs
    from budsim_widgets.panel.view import PanelView


class StartedActions:
    """Starts actions with what stands in the fields.

    Args:
        actions: What keeps an opened GGUF file.
        inputs: The fields.
        view: Where the problem with the action before is taken away.
        flow: What carries an action through.

    Each method that starts one raises:
        ModelIdError: No model is named, or an access token stands in its field; that is emptied.
        WorkloadError: No accelerator is called as it stands in its field.
    """

    def __init__(self, actions: Actions, inputs: Inputs, view: PanelView, flow: ActionFlow) -> None:
        self._actions, self._inputs, self._view, self._flow = actions, inputs, view, flow

    def connect(self, show_error: Callable[[Exception], None]) -> None:
        """Has the buttons start the actions, Enter ask, and a GGUF file be calculated."""
        inputs = self._inputs
        for button, start in (
            (inputs.calculate, self.calculate),
            (inputs.analyze, self.analyze),
            (inputs.models.start_comparing, self.compare),
            (inputs.training.start, self.finetune),
        ):
            button.on_click(on_event(start, show_error))
        inputs.gguf.connect(self.calculate_gguf, show_error)
        on_enter(inputs.models.model, self.ask, show_error)

    def ask(self) -> None:
        """What the model takes for the use that is chosen."""
        start = {"finetune": self.finetune, "analyze": self.analyze}.get(self._inputs.ask, self.calculate)
        start()

    def calculate(self) -> None:
        """What the model takes with these numbers."""
        self._inputs.models.safe_model()
        self._start("calculate")

    def analyze(self) -> None:
        """How its memory grows with the context length."""
        self._inputs.models.safe_model()
        self._start("analyze")

    def finetune(self) -> None:
        """What training it takes."""
        self._inputs.models.safe_model()
        self._start("finetune")

    def compare(self) -> None:
        """Each of the models to compare with these numbers."""
        if not self._inputs.models.safe_models_to_compare():
            raise ModelIdError(
                tr("No models to compare."),
                field="models",
                next_step=tr("Write their ids into the field, separated by commas or new lines."),
            )
        self._start("compare")

    def calculate_example(self, model_id: str) -> None:
        """The model goes into its field, and is calculated for the use that is chosen."""
        self._inputs.models.model.value = model_id
        self.ask()

    def calculate_gguf(self, name: str, file: GgufFile) -> None:
        """The file goes into the fields as llama.cpp runs it, and is calculated."""
        self._actions.resolver.keep_gguf(name, file)
        self._inputs.choose_gguf(name)
        self.calculate()

    def _start(self, type_: ActionType) -> None:
        self._inputs.hardware.chosen()
        self._view.show_problem(None)
        self._flow.start(PendingAction(type_, self._inputs.params_of(type_)))
