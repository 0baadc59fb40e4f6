"""The kinds of fields and buttons that the forms consist of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import Dropdown, HBox, Layout

from budsim_widgets.engines.workload import LIMITS
from budsim_widgets.errors import ModelIdError
from budsim_widgets.hub.ids.pasted_line import refuse_secrets
from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.frontend import NumberField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ipywidgets import Widget


def number(label: str, parameter: str, value: int, tooltip: str, *, step: int = 1) -> NumberField:
    """A field for a parameter of the workload, from 1 to its limit."""
    return NumberField(
        value, max=LIMITS[parameter], step=step, description=label, tooltip=tooltip, layout=field_layout()
    )


def choice(label: str, options: Iterable[Any], value: Any, tooltip: str) -> Dropdown:
    """A list of which one is chosen."""
    return Dropdown(options=list(options), value=value, description=label, tooltip=tooltip, layout=field_layout())


def button(label: str, tooltip: str, **details: str) -> OrderedButton:
    """A button as wide as its label."""
    return OrderedButton(description=label, tooltip=tooltip, layout=Layout(width="auto"), **details)


def row(widgets: Sequence[Widget], **layout: str) -> HBox:
    """Widgets side by side; they wrap in a narrow column."""
    return HBox(list(widgets), layout=Layout(flex_flow="row wrap", **layout))


def field_layout(flex: str = "1 1 130px") -> Layout:
    """As wide as its share of the row."""
    return Layout(width="auto", flex=flex)


def offer(field: Dropdown, offered: tuple[str, ...]) -> None:
    """Other options for a list; what was chosen stays where it is among them, else it is the first."""
    chosen = field.value
    with field.hold_trait_notifications():
        field.options = offered
        field.value = chosen if chosen in offered else offered[0]


def refuse_secrets_in(field: Any, texts: Iterable[str], name: str) -> None:
    """Empties a field that holds an access token, since its text is saved with the notebook.

    Args:
        field: The field.
        texts: What stands in it.
        name: The parameter that it is for.

    Raises:
        ModelIdError: One of the texts is an access token.
    """
    try:
        for text in texts:
            refuse_secrets(text)
    except ModelIdError as error:
        field.value = ""
        error.field = name
        raise
