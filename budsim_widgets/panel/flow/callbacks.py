"""Callbacks of widgets: what they raise is shown, and they speak the language in which they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec

from budsim_widgets.panel.flow.click_order import after_typed_text
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.translation import remembering_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import DOMWidget

_P = ParamSpec("_P")


def showing_errors(callback: Callable[_P, None], show_error: Callable[[Exception], None]) -> Callable[_P, None]:
    """The same callback, which hands whatever it raises to `show_error`.

    Example:
        >>> showing_errors(lambda text: print(int(text)), print)("x")
        invalid literal for int() with base 10: 'x'
    """

    def called(*args: _P.args, **kwargs: _P.kwargs) -> None:
        with errors_shown(show_error):
            callback(*args, **kwargs)

    return remembering_language(called)


def on_event(callback: Callable[[], None], show_error: Callable[[Exception], None]) -> Callable[[object], None]:
    """What a widget calls with its event, of which the callback needs nothing.

    Example:
        >>> on_event(lambda: print("clicked"), print)("the button")
        clicked
    """

    def called(_: object) -> None:
        callback()

    return showing_errors(called, show_error)


def on_enter(field: DOMWidget, callback: Callable[[], None], show_error: Callable[[Exception], None]) -> None:
    """Has the callback called when a person presses Enter in a field, after the text that they typed."""
    entered = showing_errors(callback, show_error)

    def called(_: object, content: dict[str, Any], __: object) -> None:
        if content.get("event") == "submit":
            after_typed_text(entered)

    field.on_msg(called)
