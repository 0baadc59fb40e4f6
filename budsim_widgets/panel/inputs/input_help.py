"""What helps to fill in the fields: examples to try, ids to choose from, this machine's accelerator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel.flow.callbacks import showing_errors
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.inputs.accelerator_choice import AcceleratorChoice
from budsim_widgets.panel.inputs.first_screen import FirstScreen
from budsim_widgets.panel.inputs.suggestions import ModelSuggestions

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel.inputs.inputs import Inputs
    from budsim_widgets.resolver import ResolvedConfig


class InputHelp:
    """Offers what a person is likely to want, and remembers what they chose.

    Args:
        actions: What keeps the choices.
        inputs: The fields.
        calculate_example: Called with the id of an example that is clicked.
        show_error: Called with an error that is none of the package's.

    Attributes:
        first_screen: The examples, shown until there is a model.
    """

    def __init__(
        self,
        actions: Actions,
        inputs: Inputs,
        *,
        calculate_example: Callable[[str], None],
        show_error: Callable[[Exception], None],
    ) -> None:
        model = inputs.models.model
        self._accelerator = AcceleratorChoice(
            inputs.hardware.accelerator, actions.resolver.store.preferences, show_error
        )
        self._suggestions = ModelSuggestions(model, lambda: actions.resolver.store, show_error)
        self.first_screen = FirstScreen(showing_errors(calculate_example, show_error))
        self.first_screen.layout.display = "none" if model.value else SHOWN

    def begin(self, *, fills_in: bool = True) -> None:
        """Looks for what can be offered, while the panel is shown already.

        Args:
            fills_in: Whether an accelerator is filled in where none stands: not where the panel was asked for none.
        """
        self._accelerator.begin(fills_in=fills_in)
        self._suggestions.begin()

    def take_result(self, resolved: ResolvedConfig | None) -> None:
        """A result is shown: no examples any more, and its model is offered first, if it has an id."""
        self.first_screen.layout.display = "none"
        if resolved is not None and resolved.source not in {"file", "dict"}:
            self._suggestions.remember(resolved.model_id)

    def remember_accelerator(self) -> None:
        """Keeps the accelerator in its field for the next time."""
        self._accelerator.remember()

    async def idle(self) -> None:
        """Returns when nothing is looked for or kept."""
        await self._accelerator.idle()
        await self._suggestions.idle()
