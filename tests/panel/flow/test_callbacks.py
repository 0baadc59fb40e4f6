"""Callbacks of widgets show what they raise, and speak the language in which they were made."""

from __future__ import annotations

from ipywidgets import Text

from budsim_widgets.panel.flow.callbacks import on_enter, on_event, showing_errors
from budsim_widgets.translation import in_language, language_of, tr

_SENTENCE = "Saved configs"


def test_what_a_callback_raises_is_shown() -> None:
    shown: list[Exception] = []
    showing_errors(lambda text: shown.clear() if int(text) else None, shown.append)("x")
    assert [type(error) for error in shown] == [ValueError]


def test_the_event_of_a_widget_is_left_out() -> None:
    called: list[str] = []
    on_event(lambda: called.append("once"), called.append)(object())
    assert called == ["once"]


def test_a_callback_speaks_the_language_in_which_it_was_made() -> None:
    said: list[str] = []
    with in_language(language_of("zh")):
        translated = tr(_SENTENCE)
        callback = on_event(lambda: said.append(tr(_SENTENCE)), print)
    callback(object())
    assert said == [translated]
    assert translated != _SENTENCE


def test_enter_speaks_the_language_of_its_field() -> None:
    said: list[str] = []
    field = Text()
    with in_language(language_of("zh")):
        translated = tr(_SENTENCE)
        on_enter(field, lambda: said.append(tr(_SENTENCE)), print)
    field._handle_custom_msg({"event": "submit"}, [])
    assert said == [translated]


def test_other_messages_of_a_field_are_no_enter() -> None:
    called: list[str] = []
    field = Text()
    on_enter(field, lambda: called.append("once"), print)
    field._handle_custom_msg({"event": "focus"}, [])
    field._handle_custom_msg({}, [])
    assert called == []
