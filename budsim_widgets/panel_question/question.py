"""The question of a panel as the query of an address: a link opens a panel that asks the same."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from budsim_widgets.access_tokens import holds_token
from budsim_widgets.engines import Workload
from budsim_widgets.errors import ModelIdError, WorkloadError
from budsim_widgets.hardware import find_accelerator
from budsim_widgets.printable import printable, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAX_CHARACTERS: Final = 4096
_MAX_ID_CHARACTERS: Final = 200
_MAX_COMPARED: Final = 50
_NUMBERS: Final = ("batch_size", "seq_length", "tensor_parallel")
_NAMES: Final = ("precision", "kv_cache_precision", "engine")
_ENGINE_SETTING: Final = "engine."
_WHOLE: Final = re.compile(r"[0-9]{1,15}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDED: Final = frozenset({"token", "theme", "reset", "voila-theme", "voila-template"})
"""What front ends themselves write into an address."""


@dataclass(frozen=True)
class Question:
    """What stands in the fields of a panel.

    Attributes:
        model: The model; empty for none.
        workload: The parameters, as `Workload.of` takes them.
        accelerator: On what it should fit; empty for the smallest that does.
        compare: Models to compare.
    """

    model: str = ""
    workload: Mapping[str, Any] = field(default_factory=dict)
    accelerator: str = ""
    compare: tuple[str, ...] = ()

    def to_query(self) -> str:
        """The question as the query of an address, what is as usual left out.

        Example:
            >>> Question("org/model", {"batch_size": 4}, "RTX 4090 24GB").to_query()
            'model=org%2Fmodel&batch_size=4&accelerator=RTX+4090+24GB'
        """
        pairs: list[tuple[str, object]] = [("model", self.model)] if self.model else []
        for key, value in changed(self.workload).items():
            pairs += _engine_pairs(value) if key == "engine" else [(key, value)]
        pairs += [("accelerator", self.accelerator)] if self.accelerator else []
        return urlencode([*pairs, *(("compare", model) for model in self.compare)])

    def to_link_query(self) -> str:
        """The same for a link to hand on: empty where an access token stands in a field."""
        return "" if any(map(holds_token, (self.model, self.accelerator, *self.compare))) else self.to_query()

    @classmethod
    def from_query(cls, query: str) -> Question:
        """The question of a query, or of an address that ends with one; every value is checked, nothing is executed.

        Raises:
            ModelIdError: A model is no text that an id can be, or holds an access token.
            WorkloadError: A parameter isn't known, no number, out of range, or said twice.

        Example:
            >>> Question.from_query("https://host/budsim/panel?model=org%2Fmodel&batch_size=4").workload
            {'batch_size': 4}
        """
        if len(query) > _MAX_CHARACTERS:
            raise _bad("query", "The link is too long.")
        pairs = [pair for pair in _pairs(query) if pair[0] not in _ADDED]
        _check_names(pairs)
        given = dict(pairs)
        models = [_checked_model(value, key) for key, value in pairs if key in {"model", "compare"}]
        accelerator = given.get("accelerator", "")
        if accelerator:
            find_accelerator(accelerator)
        workload: dict[str, Any] = {key: _whole(key, given[key]) for key in _NUMBERS if key in given}
        workload |= {key: _named(key, given[key]) for key in _NAMES if key in given}
        settings = {key: _setting(key, value) for key, value in pairs if key.startswith(_ENGINE_SETTING)}
        if settings:
            names = {key.removeprefix(_ENGINE_SETTING): value for key, value in settings.items()}
            workload["engine"] = {"name": workload.get("engine", Workload().engine.name), **names}
        Workload.of(**workload)
        has_model = "model" in given
        return cls(models[0] if has_model else "", workload, accelerator, tuple(models[has_model:]))


def changed(workload: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that aren't as usual.

    Example:
        >>> changed({"batch_size": 1, "seq_length": 4096})
        {'seq_length': 4096}
    """
    usual = Workload()
    defaults = {**usual.to_dict(), "engine": usual.engine.name}
    return {key: value for key, value in workload.items() if value != defaults[key]}


def _engine_pairs(engine: str | Mapping[str, Any]) -> list[tuple[str, object]]:
    if isinstance(engine, str):
        return [("engine", engine)]
    settings = [(f"{_ENGINE_SETTING}{key}", value) for key, value in engine.items() if key != "name"]
    return [("engine", engine["name"]), *settings]


def _pairs(query: str) -> list[tuple[str, str]]:
    text = urlsplit(query).query if "?" in query else query
    try:
        return parse_qsl(text, keep_blank_values=False, strict_parsing=bool(text), max_num_fields=_MAX_COMPARED + 20)
    except ValueError:
        raise _bad("query", "The link holds no question that can be read.") from None


def _check_names(pairs: Sequence[tuple[str, str]]) -> None:
    known = {"model", "compare", "accelerator", *_NUMBERS, *_NAMES}
    seen: set[str] = set()
    for key, _ in pairs:
        if key not in known and not key.startswith(_ENGINE_SETTING):
            raise _bad(key, f"A link has no parameter {shortened(printable(key), 40)!r}.")
        if key in seen and key != "compare":
            raise _bad(key, f"The link says {shortened(printable(key), 40)} twice.")
        seen.add(key)


def _checked_model(text: str, key: str) -> str:
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
        raise _bad(key, f"{key} is no whole number in the link.")
    return int(text)


def _named(key: str, text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise _bad(key, f"{key} is no name in the link.")
    return text


def _setting(key: str, text: str) -> object:
    """A number or a switch as JSON writes it; anything else is a name."""
    if _NAME.fullmatch(text) is None:
        raise _bad(key, f"{shortened(printable(key), 40)} is no number and no name in the link.")
    try:
        return json.loads(text.lower())
    except ValueError:
        return text


def _bad(name: str, message: str) -> WorkloadError:
    return WorkloadError(message, field=name, next_step="Copy the link again, or fill in the fields.")
