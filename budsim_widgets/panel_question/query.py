"""The query of a link, read: whoever wrote it is a stranger, so every value is checked and none is executed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from budsim_widgets.access_tokens import holds_token
from budsim_widgets.engines import engine_of
from budsim_widgets.errors import ModelIdError, WorkloadError
from budsim_widgets.printable import printable, shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_Choice = TypeVar("_Choice", bound=str)

ENGINE_SETTING: Final = "engine."
"""What stands before the name of an engine's setting."""

_MAX_CHARACTERS: Final = 4096
_MAX_ID_CHARACTERS: Final = 200
_MAX_COMPARED: Final = 50
_MAX_OTHERS: Final = 30
_WHOLE: Final = re.compile(r"[0-9]{1,15}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SWITCHES: Final = {"true": True, "false": False}
_ADDED: Final = frozenset({"token", "theme", "reset", "redirects", "voila-theme", "voila-template"})
"""What front ends themselves, and a JupyterHub on the way to a reader's server, write into an address."""


@dataclass(frozen=True)
class LinkQuery:
    """What a link says, by name.

    Attributes:
        given: Name → text, but for models.
        model: The model; empty for none.
        compared: Models to compare.
    """

    given: Mapping[str, str]
    model: str
    compared: tuple[str, ...]

    @classmethod
    def of(cls, text: str, *, known: Collection[str]) -> LinkQuery:
        """The query, or that of an address which ends with one.

        Raises:
            ModelIdError: A model is no text that an id can be, or holds an access token.
            WorkloadError: It can't be read, says something unknown, or something twice.

        Example:
            >>> LinkQuery.of("model=org/model&compare=a/b&ask=compare", known={"model", "compare", "ask"}).given
            {'ask': 'compare'}
        """
        if len(text) > _MAX_CHARACTERS:
            raise refused("query", "The link is too long.")
        pairs = [pair for pair in _pairs(text) if pair[0] not in _ADDED]
        _check_names(pairs, known)
        models = {key: [_model(value, key) for name, value in pairs if name == key] for key in ("model", "compare")}
        given = {key: value for key, value in pairs if key not in models}
        return cls(given, "".join(models["model"]), tuple(models["compare"]))

    def whole_numbers(self, names: Iterable[str]) -> dict[str, int]:
        """The numbers among these names.

        Raises:
            WorkloadError: One is none.
        """
        return {name: _whole(name, self.given[name]) for name in names if name in self.given}

    def names(self, names: Iterable[str]) -> dict[str, Any]:
        """The names among these names; `none` is None.

        Raises:
            WorkloadError: One is none.
        """
        found = {name: _named(name, self.given[name]) for name in names if name in self.given}
        return {name: None if value == "none" else value for name, value in found.items()}

    def switches(self, names: Iterable[str]) -> dict[str, bool]:
        """The switches among these names.

        Raises:
            WorkloadError: One is neither true nor false.
        """
        return {name: _SWITCHES[self.choice(name, tuple(_SWITCHES))] for name in names if name in self.given}

    def choice(self, name: str, choices: Sequence[_Choice]) -> _Choice:
        """One of these; the first where nothing is said.

        Raises:
            WorkloadError: It is none of them.
        """
        said = self.given.get(name, choices[0])
        for choice in choices:
            if said == choice:
                return choice
        raise refused(name, f"{name} is one of {', '.join(choices)} in a link.")

    def engine_settings(self, name: str) -> dict[str, Any]:
        """The engine of this name with the settings that the link says; nothing where it says none.

        Raises:
            WorkloadError: There is no such engine, or a setting is no number and no name.
        """
        settings = {key: text for key, text in self.given.items() if key.startswith(ENGINE_SETTING)}
        if not settings:
            return {}
        # what is a text is never read as a number: version 0.10 isn't 0.1
        texts = {one.name for one in fields(engine_of(name)) if one.type == "str"}
        found = {key.removeprefix(ENGINE_SETTING): (key, text) for key, text in settings.items()}
        return {
            "name": name,
            **{
                key: _named(full, text) if key in texts else _setting(full, text) for key, (full, text) in found.items()
            },
        }


def written(value: object) -> str:
    """A value as a link says it.

    Example:
        >>> written(0.9), written(False), written("bf16"), written(None)
        ('0.9', 'false', 'bf16', 'none')
    """
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value)


def refused(name: str, message: str) -> WorkloadError:
    """What is wrong with a link, and where."""
    return WorkloadError(message, field=name, next_step="Copy the link again, or fill in the fields.")


def _pairs(query: str) -> list[tuple[str, str]]:
    text = urlsplit(query).query if "?" in query else query
    try:
        return parse_qsl(
            text, keep_blank_values=False, strict_parsing=bool(text), max_num_fields=_MAX_COMPARED + _MAX_OTHERS
        )
    except ValueError:
        raise refused("query", "The link holds no question that can be read.") from None


def _check_names(pairs: Sequence[tuple[str, str]], known: Collection[str]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key not in known and not key.startswith(ENGINE_SETTING):
            raise refused(key, f"A link has no parameter {shortened(printable(key), 40)!r}.")
        if key in seen and key != "compare":
            raise refused(key, f"The link says {shortened(printable(key), 40)} twice.")
        seen.add(key)


def _model(text: str, key: str) -> str:
    model = text.strip()
    if holds_token(model):
        raise ModelIdError(
            "An access token stands in the link.", field=key, next_step="Revoke it: links are passed on."
        )
    if not model.isprintable() or len(model) > _MAX_ID_CHARACTERS or "\\" in model:
        raise ModelIdError("The link names no model that there can be.", field=key, next_step="Write the model's id.")
    return model


def _whole(key: str, text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise refused(key, f"{key} is no whole number in the link.")
    return int(text)


def _named(key: str, text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise refused(key, f"{shortened(printable(key), 40)} is no name in the link.")
    return text


def _setting(key: str, text: str) -> object:
    """A number or a switch as JSON writes it, `none` for None; anything else is a name."""
    if _NAME.fullmatch(text) is None:
        raise refused(key, f"{shortened(printable(key), 40)} is no number and no name in the link.")
    if text == "none":
        return None
    try:
        return json.loads(text.lower())
    except ValueError:
        return text
