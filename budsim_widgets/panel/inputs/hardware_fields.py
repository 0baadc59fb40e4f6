"""The fields that say what a model runs on: an accelerator, and how many of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Combobox

from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware import accelerators, find_accelerator
from budsim_widgets.panel.inputs.parts import field_layout, number, refuse_secrets_in
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from budsim_widgets.hardware import Accelerator


class HardwareFields:
    """The widgets, unconnected.

    Args:
        accelerator: The name of the accelerator chosen; empty for any.
        device_count: How many.
    """

    def __init__(self, accelerator: str, device_count: int) -> None:
        self.accelerator = Combobox(
            value=accelerator,
            options=[one.label for one in accelerators()],
            description=tr("Accelerator"),
            placeholder=tr("any: the smallest that fits"),
            tooltip=tr("What it should fit on: RTX 4090, 2x3090, M3 Max 64GB, 24 GB; empty: the smallest that does"),
            continuous_update=False,
            layout=field_layout("3 1 260px"),
        )
        self.device_count = number(
            tr("Number of devices"),
            "tensor_parallel",
            device_count,
            tr("How many cards share each layer (device_count)"),
        )
        self.accelerator.observe(self._take_count, names="value")

    def chosen(self) -> Accelerator | None:
        """The accelerator in the field; None where it is empty.

        Raises:
            WorkloadError: None is called so.
            ModelIdError: It is an access token; the field is emptied.
        """
        text = self.accelerator.value.strip()
        refuse_secrets_in(self.accelerator, [text], "accelerator")
        return find_accelerator(text)[0] if text else None

    @property
    def name(self) -> str:
        """Its name alone: how many there are of it stands in a field of its own, also where `2x3090` was typed.

        A text that names none is returned as it is: whoever uses it refuses it.
        """
        text: str = self.accelerator.value.strip()
        try:
            return find_accelerator(text)[0].name if text else ""
        except WorkloadError:
            return text

    def _take_count(self, _: object) -> None:
        """`2x3090` is two devices; a name that nobody knows is refused when it is used."""
        text = self.accelerator.value.strip()
        try:
            count = find_accelerator(text)[1] if text else 1
        except WorkloadError:
            return
        if count > 1:
            self.device_count.value = count
