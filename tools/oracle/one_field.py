"""One field of a config changed at a time: every field that a class declares, or that its code reads undeclared.

Random configs (`perturb.py`) vary the fields that are known to matter. This varies the others too, so that one that
changes tensors and that no description reads comes to light.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import re
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from meta import parsed
from perturb import Field, default_of, fields_of, value_of
from transformers import PreTrainedConfig

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

NOT_OF_THE_MODEL = frozenset(
    {
        *("architectures", "dtype", "id2label", "label2id", "model_type", "output_attentions", "output_hidden_states"),
        *("problem_type", "return_dict", "sub_configs", "transformers_version", "per_layer_config"),
    }
)
"""Fields that are asked for with the classes that have other heads, or that name no part."""

NULL = frozenset({type(None)})
NUMBERS_OF_A_NULL = (1, 2, 8)
ACTIVATION = re.compile(r"act$|_act_|activation|act_fn|nonlinearity")
ACTIVATIONS = ("silu", "prelu", "xielu")
"""Two of these have parameters of their own."""
READ = re.compile(
    r"config\.([a-z]\w*)\b(?!\()|(?:getattr\(\s*(?:self\.)?\w*config,|kwargs\.(?:pop|get)\()\s*[\"'](\w+)[\"']"
)
WORD = re.compile(r"[\"']([A-Za-z][\w.-]{0,40})[\"']")
MOST_WORDS = 8
ATTRIBUTES = frozenset(dir(PreTrainedConfig))


@dataclass(frozen=True)
class Variant:
    """A config with one field changed.

    Attributes:
        path: Where the field stands.
        value: What it has now.
        config: The whole config.
        is_declared: Whether a class declares it; else its code reads it all the same.
    """

    path: str
    value: Any
    config: dict[str, Any]
    is_declared: bool = True


def variants(config: dict[str, Any], left_out: Collection[str] = ()) -> Iterator[Variant]:
    """The config with every field changed, one at a time, to every plausible other value.

    Args:
        config: A config that transformers builds.
        left_out: Where fields stand that stay as they are.
    """
    whole = parsed(config)
    parts = list(_parts(whole))
    known = frozenset().union(*(_names(type(part)) for _, part in parts))
    for path, part in parts:
        names = {field.name: field for field in fields_of(type(part)) if field.name not in NOT_OF_THE_MODEL}
        for name, field in names.items():
            aliases = {other for other, stored in type(part).attribute_map.items() if stored == name}
            if name in type(part).sub_configs_defaults or any(
                ".".join((*path, other)) in left_out for other in (name, *aliases)
            ):
                continue
            now = value_of(part, name)
            for value in _values(now, field, type(part)):
                yield Variant(".".join((*path, name)), value, _changed(config, whole, (*path, name), value))
        for name in sorted(_undeclared(type(part)) - known):
            if ".".join((*path, name)) not in left_out and value_of(part, name) is None:
                for value in (True, 2, 8):
                    changed = _changed(config, whole, (*path, name), value)
                    yield Variant(".".join((*path, name)), value, changed, is_declared=False)


def _parts(config: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """A config and its sub-configs, with where they stand."""
    yield path, config
    for name in type(config).sub_configs_defaults:
        part = getattr(config, name, None)
        if isinstance(part, PreTrainedConfig):
            yield from _parts(part, (*path, name))


def changed(config: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The config with several fields changed: path → value."""
    whole = parsed(config)
    for path, value in values.items():
        config = _changed(config, whole, tuple(path.split(".")), value)
    return config


def _changed(config: dict[str, Any], whole: Any, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    found = copy.deepcopy(config)
    at, here = found, whole
    for name in path[:-1]:
        here = getattr(here, name)
        if not isinstance(at.get(name), dict):
            at[name] = {"model_type": here.model_type} if here.model_type else {}
        at = at[name]
    names = {other for other, stored in type(here).attribute_map.items() if stored == path[-1]}
    for other in names & at.keys():
        del at[other]
    at[path[-1]] = value
    return found


def _values(now: Any, field: Field, cls: type[PreTrainedConfig]) -> list[Any]:
    """Other values of a field, by what it is now and by what its annotation allows."""
    found: list[Any] = list(field.literals)
    if isinstance(now, bool) or (now is None and bool in field.types):
        found += [True, False]
    elif isinstance(now, int):
        found += [now * 2, now // 2, now + 1, 0, 1, 2]
    elif isinstance(now, float):
        found += [now * 2, now / 2, 0.0, 1.0]
    elif isinstance(now, str):
        found += ACTIVATIONS if ACTIVATION.search(field.name) else _words(cls, field.name)
    elif isinstance(now, (list, tuple)):
        found += _lists(list(now))
    elif isinstance(now, dict):
        found += _dicts(now)
    if now is None:
        found += [*NUMBERS_OF_A_NULL] if int in field.types else []
        found += [0.5] if float in field.types else []
        found += _words(cls, field.name) if str in field.types else []
        found += [[1, 2], [0]] if list in field.types else []
    elif field.types >= NULL:
        found.append(None)
    return [value for index, value in enumerate(found) if not _is_same(value, now) and not _is_in(value, found[:index])]


def _is_same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _is_in(value: Any, values: list[Any]) -> bool:
    return any(_is_same(value, other) for other in values)


def _lists(now: list[Any]) -> list[list[Any]]:
    """A list shorter, longer, turned round, and with other numbers or the other kinds that stand in it."""
    if not now:
        return [[1], [1, 2]]
    kinds = [kind for index, kind in enumerate(now) if kind not in now[:index]]
    same = [[kind] * len(now) for kind in kinds] if len(kinds) > 1 else []
    if all(isinstance(item, bool) for item in now):
        same = [[True] * len(now), [False] * len(now)]
    elif all(isinstance(item, int) for item in now):
        same += [[item * 2 for item in now], [item + 1 for item in now], [max(item // 2, 1) for item in now]]
    return [now[:-1], [*now, now[-1]], now[::-1], [], *same]


def _dicts(now: dict[str, Any]) -> list[dict[str, Any]]:
    """A dict with each of its values changed, or left out."""
    found = []
    for name, value in now.items():
        found.append({other: kept for other, kept in now.items() if other != name})
        others: list[Any] = []
        if isinstance(value, bool):
            others = [not value]
        elif isinstance(value, int):
            others = [value * 2, value + 1, 1]
        elif isinstance(value, float):
            others = [value * 2, value / 2]
        elif isinstance(value, list):
            others = _lists(value)
        elif isinstance(value, dict):
            others = _dicts(value)
        found += [{**now, name: other} for other in others]
    return found


@cache
def _source(cls: type[PreTrainedConfig]) -> str:
    """The code of a config class and of the models that are built from it."""
    own = inspect.getmodule(cls)
    if own is None:
        return ""
    modeling = own.__name__.replace(".configuration_", ".modeling_")
    try:
        return inspect.getsource(own) + inspect.getsource(importlib.import_module(modeling))
    except (ImportError, OSError):
        return inspect.getsource(own)


@cache
def _words(cls: type[PreTrainedConfig], name: str) -> list[str]:
    """The words that stand beside a field's name in that code: what it is compared with, mostly."""
    lines = [line for line in _source(cls).splitlines() if re.search(rf"\b{name}\b", line)]
    found = dict.fromkeys(word for line in lines for word in WORD.findall(line))
    return [*[word for word in found if word != name][:MOST_WORDS], "other"]


@cache
def _undeclared(cls: type[PreTrainedConfig]) -> frozenset[str]:
    """The names that the code reads of a config although no class declares them."""
    names = {one or other for one, other in READ.findall(_source(cls))}
    default = default_of(cls)
    return frozenset(name for name in names - _names(cls) if not name.startswith("_") and not hasattr(default, name))


@cache
def _names(cls: type[PreTrainedConfig]) -> frozenset[str]:
    """What a class has under any name."""
    return frozenset({field.name for field in fields(cls)} | cls.attribute_map.keys() | ATTRIBUTES)
