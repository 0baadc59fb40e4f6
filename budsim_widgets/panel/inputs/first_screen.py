"""What stands over the form before the first result: what this is, in one line, and three models to try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ipywidgets import VBox

from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.inputs.parts import button, row
from budsim_widgets.rendering.markup import tag
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES: Final = ("Qwen/Qwen2.5-7B", "openai/gpt-oss-120b", "meta-llama/Llama-3.1-8B")


class FirstScreen(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """A line and three buttons.

    Args:
        choose: Called with the id of the model that is clicked.

    Attributes:
        buttons: One for each example.
    """

    def __init__(self, choose: Callable[[str], None]) -> None:
        said = tr("How much VRAM do I need? What fits on my card? Exact, from a model's config alone.")
        self.buttons = [button(model_id, tr("Calculate this model")) for model_id in EXAMPLES]
        for one in self.buttons:
            one.on_click(lambda clicked: choose(clicked.description))
        line = Region(tag("p", said, class_="budsim-lead"))
        line.layout.display = SHOWN
        label = Region(tag("span", tr("For example"), class_="budsim-hint"))
        label.layout.display = SHOWN
        super().__init__([line, row([label, *self.buttons], align_items="center")])
        self.add_class("budsim-first")
