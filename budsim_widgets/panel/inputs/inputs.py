"""The form: what a person fills in, and what an action is started with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import VBox

from budsim_widgets.engines import LlamaCpp, Workload
from budsim_widgets.errors import ModelIdError, WorkloadError
from budsim_widgets.panel.frontend import GgufUpload
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.inputs.hardware_fields import HardwareFields
from budsim_widgets.panel.inputs.model_fields import ModelFields
from budsim_widgets.panel.inputs.parts import button, row
from budsim_widgets.panel.inputs.refused_field import accept, accept_when_changed, refuse
from budsim_widgets.panel.inputs.suggestions import well_known_models
from budsim_widgets.panel.inputs.training_fields import RUN, TrainingFields
from budsim_widgets.panel.inputs.workload_fields import WorkloadFields
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.panel.flow.click_order import OrderedButton
    from budsim_widgets.panel.flow.pending import ActionType
    from budsim_widgets.panel_question.question import Ask, Question


class Inputs:
    """The widgets that a person fills in, unconnected.

    Args:
        question: What stands in the fields.

    Attributes:
        models, hardware, workload_fields, training: The groups of fields.
        calculate, analyze, open_saved, gguf: The buttons.
        to_result: A button that is seen while it has the focus, as only a keyboard gives it.
    """

    def __init__(self, question: Question) -> None:
        workload = Workload.of(**question.workload)
        self.models = ModelFields(question.model, question.compare, well_known_models())
        self.hardware = HardwareFields(question.accelerator, workload.tensor_parallel)
        self.workload_fields = WorkloadFields(workload)
        self.training = TrainingFields(question.training, is_chosen=question.ask == "finetune")
        self.calculate = button(tr("Calculate memory"), tr("What the model takes with these numbers"))
        self.analyze = button(tr("Analyze context"), tr("How its memory grows with the context length"))
        self.open_saved = button(
            tr("Saved configs"), tr("Look at the configs that are kept; edit, export, import, forget")
        )
        self.open_saved.add_class("budsim-open-saved")
        self.to_result = button(tr("Go to the result"), tr("Past what stands between these buttons and the result"))
        self.to_result.add_class("budsim-skip")
        self.gguf = GgufUpload()
        for field in self._texts_and_numbers:
            field.add_class("budsim-field")
            accept_when_changed(field)
        self._ask_of_running: Ask = "calculate" if question.ask == "finetune" else question.ask
        # what Ctrl+Enter in a field presses: whichever of the two is shown
        for start in (self._starting[self._ask_of_running], self.training.start):
            start.button_style = "primary"
            start.add_class("budsim-calculate")
        self.training.use.observe(self._show_use, names="value")
        self._show_use(None)

    @property
    def box(self) -> VBox:
        """All of them, in the order in which they are filled in; rows wrap in a narrow column."""
        fields = self.workload_fields
        comparing = row([self.models.compare, self.models.start_comparing], align_items="flex-end")
        comparing.add_class("budsim-comparing")
        return VBox(
            [
                self.models.model,
                self.training.use,
                row([self.hardware.accelerator, self.hardware.device_count, fields.engine]),
                row([fields.precision, fields.kv_cache_precision, fields.batch_size]),
                row([fields.seq_length, fields.context_slider]),
                fields.placement,
                self.training.box,
                row([self.calculate, self.training.start, self.analyze, self.to_result, self.open_saved, self.gguf]),
                comparing,
            ]
        )

    @property
    def numbers(self) -> tuple[Any, ...]:
        """The fields with which a result on screen is calculated anew."""
        return (*self.workload_fields.all, self.hardware.device_count, *self.training.fields)

    @property
    def workload(self) -> dict[str, Any]:
        """The parameters as they stand in the fields; of the later ones only what was chosen."""
        fields = self.workload_fields
        chosen = {
            "kv_cache_precision": fields.kv_cache_precision.value,
            "tensor_parallel": self.hardware.device_count.value,
        }
        usual = Workload()
        return {
            "batch_size": fields.batch_size.value,
            "seq_length": fields.seq_length.value,
            "precision": fields.precision.value,
            "engine": fields.chosen_engine(),
            **{name: value for name, value in chosen.items() if value != getattr(usual, name)},
        }

    def params_of(self, type_: ActionType) -> dict[str, Any]:
        """What an action is started with, as it stands in the fields."""
        # some engines keep free what depends on the device
        workload = {**self.workload, **self._accelerator}
        if type_ == "finetune":
            return self._training_params()
        if type_ == "compare":
            return {"models": self.models.models_to_compare(), **workload}
        if type_ == "analyze":
            del workload["seq_length"]
        return {"model": self.models.model.value.strip(), **workload}

    def asks_for(self, type_: ActionType) -> bool:
        """Whether an action is of the use that is chosen; models are compared in either."""
        return type_ == "compare" or (type_ == "finetune") == self.training.is_chosen

    @property
    def ask(self) -> Ask:
        """What is asked for the use that is chosen, as the panel was opened."""
        return "finetune" if self.training.is_chosen else self._ask_of_running

    @property
    def _starting(self) -> dict[Ask, OrderedButton]:
        return {"calculate": self.calculate, "analyze": self.analyze, "compare": self.models.start_comparing}

    def choose_model(self, model_id: str) -> None:
        """Put a model into its field, and go there."""
        self.models.model.value = model_id
        self.models.model.focus()

    def choose_gguf(self, name: str) -> None:
        """Put a GGUF file into the fields, as llama.cpp runs it."""
        self.models.model.value = name
        self.training.use.value = RUN
        self.workload_fields.engine.value = LlamaCpp.name
        self.workload_fields.precision.value = "auto"

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Put the values of an option of `fit` into the fields."""
        for name, value in changes.items():
            self._field_of[name].value = value

    def can_apply(self, changes: Mapping[str, Any]) -> bool:
        """Whether there is a field for each of these changes."""
        fields = self._field_of
        return all(name in fields and _takes(fields[name], value) for name, value in changes.items())

    def mark_refused(self, error: Exception | None) -> None:
        """Marks the field whose value an error is about, and no other."""
        refused = None
        if isinstance(error, ModelIdError | WorkloadError):
            texts = {"model": self.models.model, "models": self.models.compare}
            named = {**self._field_of, **texts, "accelerator": self.hardware.accelerator}
            refused = named.get(error.field)
        for field in self._texts_and_numbers:
            accept(field)
        if refused is not None:
            refuse(refused)

    @property
    def _texts_and_numbers(self) -> tuple[Any, ...]:
        return (self.models.model, self.hardware.accelerator, *self.numbers, self.models.compare)

    @property
    def _field_of(self) -> dict[str, Any]:
        count = self.hardware.device_count
        own = {**self.workload_fields.field_of, **self.training.field_of}
        return {**own, "tensor_parallel": count, "num_devices": count}

    @property
    def _accelerator(self) -> dict[str, Any]:
        """What it runs on; nothing for the smallest that fits."""
        name = self.hardware.name
        return {"accelerator": name} if name else {}

    def _training_params(self) -> dict[str, Any]:
        return {
            "model": self.models.model.value.strip(),
            **self.training.settings(self.hardware.device_count.value),
            "batch_size": self.workload_fields.batch_size.value,
            "seq_length": self.workload_fields.seq_length.value,
            **self._accelerator,
        }

    def _show_use(self, _: object) -> None:
        """What only one of the two uses asks for."""
        display = "none" if self.training.is_chosen else SHOWN
        fields = self.workload_fields
        for widget in (fields.engine, fields.precision, fields.kv_cache_precision, self.calculate, self.analyze):
            widget.layout.display = display
        fields.show_placement(is_run=not self.training.is_chosen)


def _takes(field: Any, value: object) -> bool:
    """Whether a field can hold a value: a checkbox only whether."""
    return isinstance(value, bool) == isinstance(field.value, bool)
