"""What a person fills in to fine-tune a model, beside what running it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ipywidgets import Checkbox, Dropdown, HBox, Layout, ToggleButtons

from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.frontend import NumberField
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel_question.training_fields import SHARINGS, TRAINING_FIELDS, usual_training
from budsim_widgets.training import TrainingSettings
from budsim_widgets.training.names import METHODS, OPTIMIZERS, TOOLS
from budsim_widgets.training.settings import LIMITS
from budsim_widgets.translation import mark, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_METHOD_LABELS: Final = {"full": mark("full fine-tuning"), "lora": "LoRA", "qlora": "QLoRA"}
_SHARED: Final = (mark("everything (FSDP, ZeRO-3)"), mark("optimizer, gradients (ZeRO-2)"), mark("nothing"))
RUN: Final = mark("Run it")
FINETUNE: Final = mark("Fine-tune it")
USES: Final = (RUN, FINETUNE)
_BASIS: Final = "130px"
_WIDE_BASIS: Final = "220px"
"""As wide as the longest way to share devices is written."""


class TrainingFields:
    """The widgets of a training, unconnected; the batch, the length and the devices stand in the common fields.

    Args:
        given: What stands in the fields, where it isn't the usual: the values of `panel_question.training_fields`.
        is_chosen: Whether the model is to be trained, and not run.
    """

    def __init__(self, given: Mapping[str, Any], *, is_chosen: bool = False) -> None:
        values = {**usual_training(), **given}
        self.use = ToggleButtons(
            options=[(tr(use), use) for use in USES],
            value=FINETUNE if is_chosen else RUN,
            description=tr("Use"),
            tooltips=[tr("What running it takes"), tr("What training it takes")],
            style={"button_width": "auto"},
            layout=Layout(width="auto"),
        )
        self.method = _choice(
            tr("Method"),
            [(tr(_METHOD_LABELS[name]), name) for name in METHODS],
            values["method"],
            tr("What is trained: every weight, or small adapters beside them (method)"),
        )
        self.lora_rank = NumberField(
            values["lora_rank"],
            max=LIMITS["lora_rank"],
            description=tr("LoRA rank"),
            tooltip=tr("How wide the adapters are, on all linear layers (lora_rank)"),
            layout=_field_layout(),
        )
        self.optimizer = _choice(
            tr("Optimizer"),
            OPTIMIZERS,
            values["optimizer"],
            tr("What changes the weights after each step; adamw: as the tool runs it (optimizer)"),
        )
        self.tool = _choice(
            tr("Tool"),
            TOOLS,
            values["tool"],
            tr("The program that trains; they differ in formats, losses and kernels (tool)"),
        )
        self.sharding = _choice(
            tr("Devices share"),
            [(tr(label), value or "") for label, value in zip(_SHARED, SHARINGS, strict=True)],
            values["sharding"] or "",
            tr("What several cards divide among them; nothing: each holds everything (sharding)"),
            basis=_WIDE_BASIS,
        )
        self.gradient_checkpointing = Checkbox(
            values["gradient_checkpointing"],
            description=tr("Gradient checkpointing"),
            tooltip=tr("Layers are computed again instead of kept: less memory, more time (gradient_checkpointing)"),
            indent=False,
            layout=Layout(width="auto"),
        )
        self.start = OrderedButton(
            description=tr("Calculate fine-tuning"),
            tooltip=tr("What a step of training takes"),
            layout=Layout(width="auto"),
            button_style="primary",
        )

        self.box = HBox([*self.fields], layout=Layout(flex_flow="row wrap", align_items="center"))
        self.box.add_class("budsim-training-fields")
        self.use.observe(self._show, names="value")
        self._show(None)

    @property
    def is_chosen(self) -> bool:
        """Whether the model is to be trained, and not run."""
        return bool(self.use.value == FINETUNE)

    def _show(self, _: object) -> None:
        for part in (self.box, self.start):
            part.layout.display = _shown(if_=self.is_chosen)

    @property
    def fields(self) -> tuple[Any, ...]:
        """The fields, in the order in which they are filled in."""
        return (self.method, self.lora_rank, self.optimizer, self.tool, self.sharding, self.gradient_checkpointing)

    @property
    def field_of(self) -> Mapping[str, Any]:
        """The fields that an option may change, by its parameter."""
        return {
            "method": self.method,
            "lora_rank": self.lora_rank,
            "optimizer": self.optimizer,
            "gradient_checkpointing": self.gradient_checkpointing,
            "sharding": self.sharding,
        }

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the fields, by the parameters of `bw.finetune`."""
        found = {name: getattr(self, name).value for name in TRAINING_FIELDS}
        return {**found, "sharding": self.sharding.value or None}

    def settings(self, num_devices: int) -> dict[str, Any]:
        """The parameters as they stand in the fields; only what isn't the usual."""
        usual = TrainingSettings()
        chosen = {name: self.field_of[name].value for name in ("lora_rank", "optimizer", "gradient_checkpointing")}
        chosen |= {"tool": self.tool.value, "num_devices": num_devices}
        if num_devices > 1:
            chosen["sharding"] = self.sharding.value or None
        changed = {name: value for name, value in chosen.items() if value != getattr(usual, name)}
        return {"method": self.method.value, **changed}


def _shown(*, if_: bool) -> str:
    return SHOWN if if_ else "none"


def _choice(label: str, options: Iterable[Any], value: str, tooltip: str, *, basis: str = _BASIS) -> Dropdown:
    layout = _field_layout(basis)
    return Dropdown(options=list(options), value=value, description=label, tooltip=tooltip, layout=layout)


def _field_layout(basis: str = _BASIS) -> Layout:
    return Layout(width="auto", flex=f"1 1 {basis}")
