"""The sentences of one language: the English ones, as they stand in the code, and what stands for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import LanguageError
from budsim_widgets.printable import quoted
from budsim_widgets.translation.templates import Templates, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FOLDER: Final = Path(__file__).parent
BETWEEN_FORMS: Final = " | "
"""Stands between singular and plural in a key: `{count:,} request | {count:,} requests`."""


@dataclass(frozen=True, eq=False)
class Catalogue:
    """A language.

    Attributes:
        code: As in `<html lang>`: "zh".
        name: What the language calls itself.
        sentences: English sentence → this language's; of a sentence with a number, key and value hold all forms.
        plural: Which form a number takes, as gettext's `Plural-Forms` says it in C: "n != 1".
    """

    code: str
    name: str
    sentences: Mapping[str, str | list[str]] = field(repr=False)
    plural: str = "n != 1"

    def sentence(self, english: str) -> str:
        """What stands for a sentence; the English one where nothing does."""
        found = self.sentences.get(english, english)
        return found if isinstance(found, str) else english

    def form(self, one: str, many: str, count: float) -> str:
        """What stands for a sentence with a number."""
        found = self.sentences.get(f"{one}{BETWEEN_FORMS}{many}")
        if not isinstance(found, list):
            return one if count == 1 else many
        return found[min(self._form_of(int(count)), len(found) - 1)]

    @cached_property
    def templates(self) -> Templates:
        """The sentences that are recognised where they were made elsewhere, filled in already."""
        return Templates(key for key, value in self.sentences.items() if isinstance(value, str))

    def english(self, text: str) -> str:
        """The English sentence that a text of this language was made from; itself where it was made from none."""
        found = self._own_templates.find(text)
        if found is None:
            return text
        key, values = found
        return fill(self._english[key], values)

    @cached_property
    def _english(self) -> dict[str, str]:
        return {value: key for key, value in self.sentences.items() if isinstance(value, str)}

    @cached_property
    def _own_templates(self) -> Templates:
        return Templates(self._english)

    @cached_property
    def _form_of(self) -> Callable[[int], int]:
        from gettext import c2py  # noqa: PLC0415 - English never needs it

        chooser: Callable[[int], int] = c2py(self.plural)
        return chooser


ENGLISH: Final = Catalogue("en", "English", {})


def languages() -> tuple[str, ...]:
    """The codes of the languages that there are.

    Example:
        >>> languages()
        ('en', 'zh')
    """
    return ("en", *sorted(path.stem for path in _FOLDER.glob("*.json")))


def catalogue_of(language: str) -> Catalogue:
    """The sentences of a language, named as people and systems write it.

    Raises:
        LanguageError: There is none; the message names those that there are.

    Example:
        >>> catalogue_of("zh_CN.UTF-8").name, catalogue_of("en-GB").name
        ('中文', 'English')
    """
    if not isinstance(language, str):
        raise LanguageError(
            f"{quoted(language, 80)} is no language.", next_step=f"Choose one of: {', '.join(languages())}."
        )
    code = language.replace("_", "-").partition(".")[0].partition("-")[0].casefold()
    if code in {"en", "c", "posix"}:
        return ENGLISH
    known = languages()
    if code not in known:
        named = ", ".join(known)
        raise LanguageError(f"There is no translation into {quoted(language)}.", next_step=f"Choose one of: {named}.")
    return _loaded(code)


@cache
def _loaded(code: str) -> Catalogue:
    import json  # noqa: PLC0415 - English needs no file

    told = json.loads((_FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    return Catalogue(code, told["name"], told["sentences"], told["plural"])
