"""The changes that make a model fit, as buttons that change the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HBox, Layout

from budsim_widgets.fitting.sentences import VERDICT_WORDS
from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from budsim_widgets.fitting import Option

_MOST: Final = 6
_LABELS: Final = {
    "batch_size": "batch size",
    "seq_length": "context",
    "precision": "precision",
    "kv_cache_precision": "KV cache",
    "tensor_parallel": "number of devices",
    "gpu_layers": "layers on the GPU",
    "cpu_moe_layers": "experts in RAM",
    "num_devices": "number of devices",
    "method": "method",
    "lora_rank": "LoRA rank",
    "optimizer": "optimizer",
    "gradient_checkpointing": "gradient checkpointing",
    "sharding": "shared with",
    "gradient_accumulation": "gradient accumulation",
}


class OptionButtons(HBox):  # type: ignore[misc] # ipywidgets ships no types
    """A row of buttons, made once: a result that follows a slider only changes what stands on them.

    Args:
        apply: Called with the changes of the option that is clicked.
    """

    def __init__(self, apply: Callable[[Mapping[str, Any]], None]) -> None:
        self._apply = apply
        self._options: tuple[Option, ...] = ()
        self._buttons = [OrderedButton(layout=Layout(width="auto", display="none")) for _ in range(_MOST)]
        for index, button in enumerate(self._buttons):
            button.on_click(lambda _, index=index: self._apply(self._options[index].changes))
        super().__init__(self._buttons, layout=Layout(flex_flow="row wrap", display="none"))
        self.add_class("budsim-options")

    def show(self, options: Iterable[Option]) -> None:
        """These options, the best first; no row where there is none."""
        self._options = tuple(options)[:_MOST]
        for index, button in enumerate(self._buttons):
            is_used = index < len(self._options)
            if is_used:
                option = self._options[index]
                button.description, button.tooltip = option_label(option), "Change the fields so"
            button.layout.display = None if is_used else "none"
        self.layout.display = None if self._options else "none"


def option_label(option: Option) -> str:
    """What a button says.

    Example:
        >>> from budsim_widgets.fitting import Option
        >>> option_label(Option({"precision": "fp8"}, 2**31, 2**30, "fits"))
        'precision fp8: fits, 1.00 GiB free'
    """
    changes = ", ".join(
        f"{_LABELS[name]} {value:,}" if isinstance(value, int) else f"{_LABELS[name]} {value}"
        for name, value in option.changes.items()
    )
    free = format_bytes(abs(option.free_bytes))
    return f"{changes}: {VERDICT_WORDS[option.verdict].lower()}, {free} {'free' if option.free_bytes >= 0 else 'over'}"
