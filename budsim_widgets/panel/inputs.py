"""What a person fills in: the model, the workload, the accelerator, models to compare."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import BoundedIntText, Dropdown, HBox, Layout, Text, Textarea, VBox

from budsim_widgets.engines import ENGINES
from budsim_widgets.engines.workload import LIMITS
from budsim_widgets.errors import ModelIdError
from budsim_widgets.hardware import accelerators
from budsim_widgets.hub.ids.pasted_line import refuse_secrets
from budsim_widgets.panel.flow.click_order import OrderedButton

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.engines import Workload

ANY_ACCELERATOR: Final = "Smallest that fits"
_SEPARATORS: Final = re.compile(r"[\s,;]+")


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
            description="Model",
            placeholder="meta-llama/Llama-3.1-8B",
            tooltip="A Hugging Face id or address; Enter calculates",
            # sent once, when the field is left, and not with each key
            continuous_update=False,
            layout=Layout(width="auto"),
        )
        self.precision = _choice(
            "Precision",
            workload.engine.weight_precisions,
            workload.precision,
            "Format of the weights; auto: the config's",
        )
        self.batch_size = _number("Batch size", "batch_size", workload.batch_size, 1, "Sequences at once")
        self.seq_length = _number("Context length", "seq_length", workload.seq_length, 1024, "Tokens of each sequence")
        self.engine = _choice("Engine", ENGINES, workload.engine.name, "What runs the model")
        self.accelerator = _choice("Accelerator", _accelerators(), accelerator, "What it should fit on")
        self.calculate = _button("Calculate memory", "What the model takes with these numbers", button_style="primary")
        self.analyze = _button("Analyze context", "How its memory grows with the context length")
        self.open_saved = _button("Saved configs", "Look at the configs that are kept; edit, export, import, forget")
        self.compare = Textarea(
            "\n".join(compare),
            description="Models to compare",
            placeholder="Qwen/Qwen2.5-7B, mistralai/Mistral-7B-v0.3",
            tooltip="Ids, separated by commas or new lines",
            continuous_update=False,
            rows=2,
            layout=Layout(width="auto", flex="1 1 260px"),
        )
        self.start_comparing = _button("Compare models", "Each of them with the numbers above")
        for field in self._fields():
            field.add_class("budsim-field")
        self.engine.observe(self._offer_precisions, names="value")

    @property
    def box(self) -> VBox:
        """All of them, in the order in which they are filled in; rows wrap in a narrow column."""
        workload = [self.precision, self.batch_size, self.seq_length, self.engine, self.accelerator]
        comparing = HBox(
            [self.compare, self.start_comparing], layout=Layout(flex_flow="row wrap", align_items="flex-end")
        )
        comparing.add_class("budsim-comparing")
        wrapping = Layout(flex_flow="row wrap")
        return VBox(
            [
                self.model,
                HBox(workload, layout=wrapping),
                HBox([self.calculate, self.analyze, self.open_saved], layout=wrapping),
                comparing,
            ]
        )

    @property
    def workload(self) -> dict[str, Any]:
        """The parameters as they stand in the fields."""
        return {
            "batch_size": self.batch_size.value,
            "seq_length": self.seq_length.value,
            "precision": self.precision.value,
            "engine": self.engine.value,
        }

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
        models = tuple(dict.fromkeys(filter(None, _SEPARATORS.split(self.compare.value))))
        _refuse_secrets(self.compare, models)
        return models

    def _offer_precisions(self, _: object) -> None:
        """Those that the chosen engine runs; one that it doesn't becomes `auto`."""
        chosen, offered = self.precision.value, ENGINES[self.engine.value].weight_precisions
        with self.precision.hold_trait_notifications():
            self.precision.options = offered
            self.precision.value = chosen if chosen in offered else offered[0]

    def _fields(self) -> tuple[Any, ...]:
        workload = (self.precision, self.batch_size, self.seq_length, self.engine, self.accelerator)
        return (self.model, *workload, self.compare)


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


def _choice(label: str, options: Iterable[Any], value: Any, tooltip: str) -> Dropdown:
    return Dropdown(options=list(options), value=value, description=label, tooltip=tooltip, layout=_field_layout())


def _button(label: str, tooltip: str, **details: str) -> OrderedButton:
    return OrderedButton(description=label, tooltip=tooltip, layout=Layout(width="auto"), **details)


def _field_layout() -> Layout:
    return Layout(width="auto", flex="1 1 130px")


def _accelerators() -> list[tuple[str, str]]:
    named = [(one.label, one.name) for one in accelerators()]
    return [(ANY_ACCELERATOR, ""), *named]
