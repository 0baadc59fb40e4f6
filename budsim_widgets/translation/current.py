"""Sentences in the language that is spoken now: that of the panel whose click is answered, else English."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar
from warnings import warn

from budsim_widgets.errors import LanguageError
from budsim_widgets.translation.catalogue import ENGLISH, Catalogue, catalogue_of
from budsim_widgets.translation.speaker import Speaker
from budsim_widgets.translation.templates import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_P = ParamSpec("_P")
_R = TypeVar("_R")
_VARIABLE: Final = "BUDSIM_LANGUAGE"
_NOBODY: Final = Speaker(ENGLISH)
_SPOKEN: Final[ContextVar[Speaker | None]] = ContextVar("budsim_language", default=None)
_DEPTH: Final = 2
_SENTENCE_END: Final = re.compile(r"(?<=[.?!:]) (?=\S)")


def mark(sentence: str) -> str:
    """Marks a sentence that stands in a table and is translated where it is shown; gives it back as it is."""
    return sentence


def tr(english: str, /, **values: object) -> str:
    """A sentence in the language that is spoken.

    Args:
        english: The sentence as a literal text, with places for values by name: `"{count:,} tokens"`.
        values: What goes into the places.

    Example:
        >>> tr("Fits on {devices}", devices="one L4"), tr("Cancel")
        ('Fits on one L4', 'Cancel')
        >>> with in_language(catalogue_of("zh")):
        ...     tr("Cancel")
        '取消'
    """
    return current_language().sentence(english).format_map(values)


def tr_count(one: str, many: str, count: float, /, **values: object) -> str:
    """A sentence with a number, in the form that the language has for it; `{count}` is the number.

    Example:
        >>> [tr_count("{count:,} request", "{count:,} requests", count) for count in (1, 2)]
        ['1 request', '2 requests']
    """
    return current_language().form(one, many, count).format(count=count, **values)


def translated(text: str) -> str:
    """A sentence that was made elsewhere, in the language that is spoken; itself where nobody translated it.

    Example:
        >>> with in_language(catalogue_of("zh")):
        ...     translated("Each further token of a sequence adds 128.00 KiB to the cache.")
        '每个 token 使缓存增加 128.00 KiB。'
    """
    language = current_language()
    if language is ENGLISH or not text:
        return text
    found = _as_made(language, text)
    if found is None:
        found = " ".join(_as_made(language, part) or part for part in _SENTENCE_END.split(text))
    return found


def current_language() -> Catalogue:
    """The language that is spoken."""
    return current_speaker().catalogue


def current_speaker() -> Speaker:
    """Who speaks it; whoever is called later speaks what that one speaks then."""
    return _SPOKEN.get() or _NOBODY


@contextmanager
def in_language(language: Catalogue | Speaker) -> Iterator[None]:
    """Speaks a language inside, or what somebody speaks."""
    token = _SPOKEN.set(language if isinstance(language, Speaker) else Speaker(language))
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def remembering_language(callback: Callable[_P, _R]) -> Callable[_P, _R]:
    """A function that speaks, whenever it is called, for who speaks now: a click comes much later."""
    speaker = current_speaker()

    @wraps(callback)
    def speaking(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with in_language(speaker):
            return callback(*args, **kwargs)

    return speaking


def language_of(named: str | None) -> Catalogue:
    """The language that somebody names; that of this process for none.

    Raises:
        LanguageError: There is no translation into it.
    """
    return catalogue_of(named) if named else language_of_this_process()


def speaker_of(named: str | Speaker | None) -> Speaker:
    """Who speaks the language that somebody names; for none that of this process, until the browser names one.

    Raises:
        LanguageError: There is no translation into it.
    """
    if isinstance(named, Speaker):
        return named
    return Speaker(language_of(named), is_chosen=bool(named or os.environ.get(_VARIABLE, "").strip()))


def language_of_this_process() -> Catalogue:
    """The language that `BUDSIM_LANGUAGE` names, else English; a warning where there is no such one."""
    named = os.environ.get(_VARIABLE, "").strip()
    if not named:
        return ENGLISH
    try:
        return catalogue_of(named)
    except LanguageError as error:
        warn(f"{_VARIABLE}: {error}", stacklevel=2)
        return ENGLISH


def _as_made(language: Catalogue, text: str, depth: int = 0) -> str | None:
    found = language.templates.find(text)
    if found is None:
        return None
    key, values = found
    shown = {name: _value(language, value, depth) for name, value in values.items()}
    return fill(language.sentence(key), shown)


def _value(language: Catalogue, value: str, depth: int) -> str:
    """A part of a sentence that is one itself, such as the reason in `{model} is gated: {reason}`."""
    return (_as_made(language, value, depth + 1) if depth < _DEPTH else None) or value
