"""What a person fills in: the model, the workload, the accelerator, models to compare."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import BoundedIntText, Combobox, Dropdown, HBox, Layout, Text, Textarea, VBox

from budsim_widgets.engines import ENGINES, LlamaCpp, Workload
from budsim_widgets.engines.workload import LIMITS
from budsim_widgets.errors import ModelIdError, WorkloadError
from budsim_widgets.hardware import accelerators, find_accelerator
from budsim_widgets.hub.ids.pasted_line import refuse_secrets
from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.frontend import GgufUpload
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.training_inputs import TrainingInputs
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.panel.flow.pending import ActionType

_SEPARATORS: Final = re.compile(r"[\s,;]+")
_ALL_LAYERS: Final = 999
"""What people write for all layers (`-ngl 999`)."""


class Inputs:
    """The widgets that a person fills in, unconnected.

    Args:
        model: What stands in the field of the model.
        compare: What stands in the field of models to compare.
        workload: What stands in the fields of the workload.
        accelerator: The name of the accelerator chosen; empty for any.
    """

    def __init__(self, model: str, compare: Iterable[str], workload: Workload, accelerator: str) -> None:
        self.model = Text(
            model,
            description=tr("Model"),
            placeholder=tr("owner/name of a model on the Hub, or its address"),
            tooltip=tr("A Hugging Face id or address; Enter calculates"),
            # sent once, when the field is left, and not with each key
            continuous_update=False,
            layout=Layout(width="auto"),
        )
        self.precision = _choice(
            tr("Precision"),
            workload.engine.weight_precisions,
            workload.precision,
            tr("Format of the weights; auto: the config's"),
        )
        self.batch_size = _number(tr("Batch size"), "batch_size", workload.batch_size, 1, tr("Sequences at once"))
        self.seq_length = _number(
            tr("Context length"), "seq_length", workload.seq_length, 1024, tr("Tokens of each sequence")
        )
        self.kv_cache_precision = _choice(
            tr("KV cache precision"),
            workload.engine.cache_precisions,
            workload.kv_cache_precision,
            tr("Format of keys and values; auto: as the engine chooses"),
        )
        self.engine = _choice(tr("Engine"), ENGINES, workload.engine.name, tr("What runs the model"))
        self._engines = {**ENGINES, workload.engine.name: workload.engine}
        llama_cpp = workload.engine if isinstance(workload.engine, LlamaCpp) else LlamaCpp()
        self.gpu_layers = _layer_count(
            tr("Layers on the GPU"),
            _ALL_LAYERS if llama_cpp.gpu_layers == "all" else llama_cpp.gpu_layers,
            tr("As --n-gpu-layers counts them, the output as one more; {all_layers}: all", all_layers=_ALL_LAYERS),
        )
        self.cpu_moe_layers = _layer_count(
            tr("Experts in RAM"), llama_cpp.cpu_moe_layers, tr("Layers whose experts stay in RAM (--n-cpu-moe)")
        )
        self._placement = HBox([self.gpu_layers, self.cpu_moe_layers], layout=Layout(flex_flow="row wrap"))
        self.accelerator = Combobox(
            value=accelerator,
            options=[one.label for one in accelerators()],
            description=tr("Accelerator"),
            placeholder=tr("any: the smallest that fits"),
            tooltip=tr("What it should fit on: RTX 4090, 2x3090, M3 Max 64GB, 24 GB; empty: the smallest that does"),
            continuous_update=False,
            layout=Layout(width="auto", flex="3 1 260px"),
        )
        self.device_count = _number(
            tr("Number of devices"),
            "tensor_parallel",
            workload.tensor_parallel,
            1,
            tr("Devices that share each layer"),
        )
        self.training = TrainingInputs()
        self.calculate = _button(
            tr("Calculate memory"), tr("What the model takes with these numbers"), button_style="primary"
        )
        self.analyze = _button(tr("Analyze context"), tr("How its memory grows with the context length"))
        self.open_saved = _button(
            tr("Saved configs"), tr("Look at the configs that are kept; edit, export, import, forget")
        )
        self.gguf = GgufUpload()
        self.compare = Textarea(
            "\n".join(compare),
            description=tr("Models to compare"),
            placeholder=tr("owner/name of each, on lines of their own"),
            tooltip=tr("Ids, separated by commas or new lines"),
            continuous_update=False,
            rows=2,
            layout=Layout(width="auto", flex="1 1 260px"),
        )
        self.start_comparing = _button(tr("Compare models"), tr("Each of them with the numbers above"))
        for field in self._fields():
            field.add_class("budsim-field")
        self._show_placement(None)
        self.calculate.add_class("budsim-calculate")
        self.engine.observe(self._offer_precisions, names="value")
        self.engine.observe(self._show_placement, names="value")
        self.accelerator.observe(self._take_count, names="value")
        self.training.use.observe(self._show_use, names="value")

    @property
    def box(self) -> VBox:
        """All of them, in the order in which they are filled in; rows wrap in a narrow column."""
        hardware = [self.accelerator, self.device_count, self.engine]
        workload = [self.precision, self.kv_cache_precision, self.batch_size, self.seq_length]
        comparing = HBox(
            [self.compare, self.start_comparing], layout=Layout(flex_flow="row wrap", align_items="flex-end")
        )
        comparing.add_class("budsim-comparing")
        wrapping = Layout(flex_flow="row wrap")
        return VBox(
            [
                self.model,
                self.training.use,
                HBox(hardware, layout=wrapping),
                HBox(workload, layout=wrapping),
                self._placement,
                HBox([self.calculate, self.analyze, self.open_saved, self.gguf], layout=wrapping),
                self.training.box,
                comparing,
            ]
        )

    @property
    def workload(self) -> dict[str, Any]:
        """The parameters as they stand in the fields; of the later ones only what was chosen."""
        chosen = {"kv_cache_precision": self.kv_cache_precision.value, "tensor_parallel": self.device_count.value}
        usual = Workload()
        return {
            "batch_size": self.batch_size.value,
            "seq_length": self.seq_length.value,
            "precision": self.precision.value,
            "engine": self._chosen_engine(),
            **{name: value for name, value in chosen.items() if value != getattr(usual, name)},
        }

    def params_of(self, type_: ActionType) -> dict[str, Any]:
        """What an action is started with, as it stands in the fields."""
        workload = self.workload
        if type_ == "finetune":
            return self._training_params()
        if type_ == "compare":
            return {"models": self.models_to_compare(), **workload}
        if type_ == "analyze":
            del workload["seq_length"]
        return {"model": self.model.value.strip(), **workload}

    def _training_params(self) -> dict[str, Any]:
        accelerator = self.accelerator.value.strip()
        return {
            "model": self.model.value.strip(),
            **self.training.settings(self.device_count.value),
            "batch_size": self.batch_size.value,
            "seq_length": self.seq_length.value,
            **({"accelerator": accelerator} if accelerator else {}),
        }

    def chosen_accelerator(self) -> Accelerator | None:
        """The accelerator in the field; None where it is empty.

        Raises:
            WorkloadError: None is called so.
            ModelIdError: It is an access token; the field is emptied.
        """
        text = self.accelerator.value.strip()
        _refuse_secrets(self.accelerator, [text])
        return find_accelerator(text)[0] if text else None

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Put the values of an option of `fit` into the fields."""
        for name, value in changes.items():
            self._all_fields[name].value = value

    def choose_gguf(self, name: str) -> None:
        """Put a GGUF file into the fields, as llama.cpp runs it."""
        self.model.value = name
        self.engine.value = LlamaCpp.name
        self.precision.value = "auto"

    def safe_model(self) -> str:
        """The model in the field.

        Raises:
            ModelIdError: It is an access token; the field is emptied, since its text is saved with the notebook.
        """
        model: str = self.model.value.strip()
        _refuse_secrets(self.model, [model])
        return model

    def safe_models_to_compare(self) -> tuple[str, ...]:
        """The ids in the field, each once.

        Raises:
            ModelIdError: One is an access token; the field is emptied.
        """
        models = self.models_to_compare()
        _refuse_secrets(self.compare, models)
        return models

    def models_to_compare(self) -> tuple[str, ...]:
        """The ids in the field, each once, whatever they are."""
        return tuple(dict.fromkeys(filter(None, _SEPARATORS.split(self.compare.value))))

    def can_apply(self, changes: Mapping[str, Any]) -> bool:
        """Whether there is a field for each of these changes."""
        fields = self._all_fields
        return all(name in fields and _takes(fields[name], value) for name, value in changes.items())

    @property
    def workload_fields(self) -> tuple[Any, ...]:
        """The fields of the workload."""
        return (
            *(self.batch_size, self.seq_length, self.precision, self.kv_cache_precision),
            *(self.engine, self.device_count, self.gpu_layers, self.cpu_moe_layers),
        )

    @property
    def _all_fields(self) -> dict[str, Any]:
        return {**self._field_of, **self.training.field_of, "num_devices": self.device_count}

    @property
    def _field_of(self) -> dict[str, Any]:
        return {
            "batch_size": self.batch_size,
            "seq_length": self.seq_length,
            "precision": self.precision,
            "kv_cache_precision": self.kv_cache_precision,
            "tensor_parallel": self.device_count,
            "gpu_layers": self.gpu_layers,
            "cpu_moe_layers": self.cpu_moe_layers,
        }

    def _chosen_engine(self) -> str | dict[str, Any]:
        """The name of the engine, with those of its settings that aren't the usual ones."""
        name = self.engine.value
        engine = self._engines[name]
        if name == LlamaCpp.name:
            layers = self.gpu_layers.value
            engine = engine.with_settings(
                gpu_layers="all" if layers == _ALL_LAYERS else layers, cpu_moe_layers=self.cpu_moe_layers.value
            )
        usual = ENGINES[name].to_dict()
        settings = {key: value for key, value in engine.to_dict().items() if value != usual[key]}
        return {"name": name, **settings} if settings else str(name)

    def _show_placement(self, _: object) -> None:
        """Only llama.cpp leaves a part of a model to the CPU."""
        self._placement.layout.display = SHOWN if self.engine.value == LlamaCpp.name else "none"

    def _show_use(self, _: object) -> None:
        """What only one of the two uses asks for."""
        display = "none" if self.training.is_chosen else SHOWN
        for widget in (self.engine, self.precision, self.kv_cache_precision, self.calculate, self.analyze):
            widget.layout.display = display

    def _offer_precisions(self, _: object) -> None:
        """Those that the chosen engine runs; one that it doesn't becomes `auto`."""
        engine = ENGINES[self.engine.value]
        _offer(self.precision, engine.weight_precisions)
        _offer(self.kv_cache_precision, engine.cache_precisions)

    def _take_count(self, _: object) -> None:
        """`2x3090` is two devices; a name that nobody knows is refused when it is used."""
        text = self.accelerator.value.strip()
        try:
            count = find_accelerator(text)[1] if text else 1
        except WorkloadError:
            return
        if count > 1:
            self.device_count.value = count

    def _fields(self) -> tuple[Any, ...]:
        return (self.model, self.accelerator, *self.workload_fields, *self.training.fields, self.compare)


def _takes(field: Any, value: object) -> bool:
    """Whether a field can hold a value: a checkbox only whether."""
    return isinstance(value, bool) == isinstance(field.value, bool)


def _offer(field: Dropdown, offered: tuple[str, ...]) -> None:
    chosen = field.value
    with field.hold_trait_notifications():
        field.options = offered
        field.value = chosen if chosen in offered else offered[0]


def _refuse_secrets(field: Any, texts: Iterable[str]) -> None:
    try:
        for text in texts:
            refuse_secrets(text)
    except ModelIdError:
        field.value = ""
        raise


def _number(label: str, parameter: str, value: int, step: int, tooltip: str) -> BoundedIntText:
    return BoundedIntText(
        value, min=1, max=LIMITS[parameter], step=step, description=label, tooltip=tooltip, layout=_field_layout()
    )


def _layer_count(label: str, value: int, tooltip: str) -> BoundedIntText:
    return BoundedIntText(value, min=0, max=_ALL_LAYERS, description=label, tooltip=tooltip, layout=_field_layout())


def _choice(label: str, options: Iterable[Any], value: Any, tooltip: str) -> Dropdown:
    return Dropdown(options=list(options), value=value, description=label, tooltip=tooltip, layout=_field_layout())


def _button(label: str, tooltip: str, **details: str) -> OrderedButton:
    return OrderedButton(description=label, tooltip=tooltip, layout=Layout(width="auto"), **details)


def _field_layout() -> Layout:
    return Layout(width="auto", flex="1 1 130px")
