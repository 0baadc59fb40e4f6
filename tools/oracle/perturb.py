"""Random configs of a family: other sizes, other counts, every flag both ways, fields left out.

What a field is, its name and its annotation say (`rules.json`, `fields`); what only some model types need stands
there too (`types`):

    choices   field → the values to choose from, always
    extra     the same for fields that the class doesn't declare but reads
    keep      fields that stay as they are
    same      field → the field whose value it takes (`text_config.hidden_size` reaches into a sub-config)
    products  field → [factors, divisors]: the product of some fields or numbers, divided by others
    together  a list of fields with their values, of which one is taken as a whole

A config that transformers refuses isn't one; the caller skips it.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import torch
from huggingface_hub.errors import StrictDataclassError
from meta import CONFIG_MAPPING, config_class
from transformers import PreTrainedConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

RULES = json.loads((Path(__file__).parent / "rules.json").read_text("utf-8"))
PATTERNS = [(kind, re.compile(pattern)) for kind, pattern in RULES["fields"]]
NULLABLE = re.compile(RULES["nullable"])
ZERO = re.compile(RULES["zero"])
BASE_FIELDS = {field.name for field in fields(PreTrainedConfig)}
REQUIRED = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads")
MAX_LAYERS = 7


@dataclass(frozen=True)
class Field:
    """A field of a config class: its name, what its annotation allows, its declared and its derived default."""

    name: str
    types: frozenset[type]
    literals: tuple[Any, ...]
    default: Any
    derived: Any

    @property
    def kind(self) -> str:
        """What the rules call it; `keep` for a field that is left alone, `plain` for one that they don't know."""
        return next((kind for kind, pattern in PATTERNS if pattern.search(self.name)), "plain")

    @property
    def nullable(self) -> bool:
        """Whether null is allowed, and means something: of many fields it only says "may be unset"."""
        return type(None) in self.types and (self.default is None or bool(NULLABLE.search(self.name)))


@cache
def fields_of(cls: Any) -> tuple[Field, ...]:
    """The fields that a config class adds to the base class."""
    hints = get_type_hints(cls, localns={"torch": torch, "SubConfigSpec": object})
    instance = default_of(cls)
    own = (field for field in fields(cls) if field.name not in BASE_FIELDS)
    return tuple(
        Field(
            field.name,
            frozenset(_types(hints[field.name])),
            _literals(hints[field.name]),
            field.default,
            field.default if instance is None else value_of(instance, field.name),
        )
        for field in own
    )


@cache
def default_of(cls: Any) -> Any:
    """The default config of a class; None where the class refuses its own defaults."""
    try:
        return cls()
    except (StrictDataclassError, ValueError, TypeError, AttributeError, KeyError):
        return None


def value_of(config: Any, name: str) -> Any:
    """A config's value; also of a field that the config lets differ between its layers."""
    if config is None:
        return None
    return config.__dict__.get(name) if config.is_heterogeneous else getattr(config, name, None)


def _types(hint: Any) -> set[type]:
    arguments = get_args(hint)
    if get_origin(hint) is Literal:
        return {type(argument) for argument in arguments}
    if get_origin(hint) in (list, tuple, dict):
        return {get_origin(hint)}
    return set().union(*map(_types, arguments)) if arguments else {hint}


def _literals(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) is Literal:
        return get_args(hint)
    return tuple(value for argument in get_args(hint) for value in _literals(argument))


def perturbed(model_type: str, random: Random) -> dict[str, Any]:
    """A random config of a model type, with the fields that differ from the defaults and the required ones."""
    cls = config_class(model_type)
    config = {"model_type": model_type, **_Perturbation(cls, model_type, random).config()}
    instance = default_of(cls)
    for name in REQUIRED:
        stored = cls.attribute_map.get(name, name)
        if stored not in config and stored in cls.__dataclass_fields__ and isinstance(value_of(instance, stored), int):
            config[stored] = value_of(instance, stored)
    return _renamed(config, cls.attribute_map, random)


def _renamed(config: dict[str, Any], aliases: dict[str, str], random: Random) -> dict[str, Any]:
    """The config with some fields under another name that the class understands.

    Not the number of layers: classes that derive others from it do so before they read its other names.
    """
    required = {aliases.get(name, name) for name in REQUIRED if name != "num_hidden_layers"}
    chosen = (alias for alias in aliases if random.random() < 0.1)  # noqa: PLR2004 - now and then
    names = {aliases[alias]: alias for alias in chosen if aliases[alias] in required}
    return {names.get(name, name): value for name, value in config.items()}


class _Perturbation:
    """One random config; `config` fills it field by field, heads before what must fit them."""

    ORDER = ("heads", "layers", "experts", "width", "kv_heads", "used_experts", "expert_groups")

    def __init__(self, cls: Any, model_type: str, random: Random, base: dict[str, Any] | None = None) -> None:
        self.cls = cls
        self.random = random
        self.rules = RULES["types"].get(cls.model_type or model_type, {})
        self.values: dict[str, Any] = {cls.attribute_map.get(name, name): value for name, value in (base or {}).items()}
        self.fields = {field.name: field for field in fields_of(cls)}
        self.share = random.choice((0.3, 0.6, 0.9))  # of the fields that change

    def config(self) -> dict[str, Any]:
        kept = {"tie_word_embeddings": 0.5}
        ordered = sorted(self.fields.values(), key=lambda field: self._rank(field.kind))
        for field in ordered:
            must = field.kind in self.ORDER or field.name in self.rules.get("choices", ())
            if self._is_kept(field.name) or field.name in self.cls.sub_configs_defaults:
                continue
            if must or self.random.random() < kept.get(field.name, self.share):
                self._vary(field)
        self._extra()
        self._parts()
        self._tie_together()
        self._fit_padding()
        return self.values

    def _is_kept(self, name: str) -> bool:
        """Left alone; an encoder-decoder sets `is_decoder` in its halves by itself."""
        default = default_of(self.cls)
        return name in self.rules.get("keep", ()) or (
            name == "is_decoder" and default is not None and default.is_encoder_decoder
        )

    def _rank(self, kind: str) -> int:
        return self.ORDER.index(kind) if kind in self.ORDER else len(self.ORDER)

    def _vary(self, field: Field) -> None:
        choices = self.rules.get("choices", {}).get(field.name) or field.literals
        if choices:
            self.values[field.name] = self.random.choice(choices)
        elif isinstance(field.derived, (list, tuple)):
            self._vary_list(field)
        elif field.kind == "keep" or (field.derived is None and field.types & {dict, list}):
            return
        elif field.nullable and self.random.random() < 0.25:  # noqa: PLR2004 - often enough
            self.values[field.name] = None
        elif bool in field.types:
            self.values[field.name] = self.random.random() < 0.5  # noqa: PLR2004 - either way
        elif field.types & {int, float}:
            self._vary_number(field)

    def _vary_number(self, field: Field) -> None:
        if int not in field.types and field.kind != "ratio":
            return
        make: Callable[[Field], Any] = getattr(self, f"_{field.kind}")
        value = make(field)
        if value is not None:
            self.values[field.name] = value

    def _layers(self, _: Field) -> int:
        return self.random.randint(1, MAX_LAYERS)

    def _heads(self, _: Field) -> int:
        return self.random.choice((1, 2, 3, 4, 6, 8, 12))

    def _kv_heads(self, field: Field) -> int:
        names = [name for name in self._of_kind("heads") if isinstance(self.values.get(name), int)]
        # An encoder-decoder has two of each: `decoder_…` belongs to `decoder_…`.
        same_half = [name for name in names if name.split("_")[0] == field.name.split("_")[0]]
        heads = self.values[(same_half or names)[0]] if names else 4
        return self.random.choice([count for count in range(1, heads + 1) if heads % count == 0])

    def _head_dim(self, _: Field) -> int:
        return 2 * self.random.randint(2, 24)

    def _width(self, field: Field) -> int | None:
        if field.derived is None:
            return None
        # A multiple of every number of heads, even per head for rotary positions.
        heads = math.lcm(*(self.values.get(name) or 1 for name in self._of_kind("heads")))
        return heads * 4 * self.random.randint(1, 4) * (1 if heads > 6 else 4)  # noqa: PLR2004 - keeps it small

    def _vocab(self, _: Field) -> int:
        return self.random.randint(20, 400)

    def _experts(self, _: Field) -> int:
        return self.random.choice((2, 4, 6, 8, 16))

    def _used_experts(self, _: Field) -> int:
        return self.random.randint(1, 2)

    def _expert_groups(self, _: Field) -> int:
        return 1

    def _window(self, _: Field) -> int:
        return self.random.choice((4, 7, 16, 100))

    def _positions(self, field: Field) -> int:
        return field.derived if isinstance(field.derived, int) and self.random.random() < 0.5 else 256  # noqa: PLR2004

    def _size(self, _: Field) -> int:
        return 8 * self.random.randint(1, 20)

    def _ratio(self, field: Field) -> Any:
        default = field.derived
        return default * self.random.choice((1, 2)) if isinstance(default, (int, float)) else None

    def _plain(self, field: Field) -> int | None:
        default = field.derived
        if not isinstance(default, int) or isinstance(default, bool):
            return self.random.randint(1, 4) if default is None else None
        none = 0 if ZERO.search(field.name) else 1
        return self.random.choice((default, max(default // 2, 1), default * 2, 1, 2, 3, none))

    def _of_kind(self, kind: str) -> list[str]:
        return [name for name, field in self.fields.items() if field.kind == kind]

    def _vary_list(self, field: Field) -> None:
        """One entry a layer where the default has one a layer; other lists keep their length."""
        default = field.derived
        if not default or field.kind == "keep":
            return
        layers = self._layer_count(len(default))
        if layers is None:
            if self.random.random() < 0.3:  # noqa: PLR2004 - most of these lists depend on each other
                self.values[field.name] = self.random.choices(list(default), k=len(default))
        elif field.default is not None or self.random.random() < 0.6:  # noqa: PLR2004 - else the class derives it
            kinds = sorted(set(map(_frozen, default)), key=str)
            if field.name == "layer_types" and "sliding_window" in self.fields:
                kinds = sorted({*kinds, "full_attention", "sliding_attention"})
            self.values[field.name] = [_thawed(self.random.choice(kinds)) for _ in range(layers)]

    def _layer_count(self, length: int) -> int | None:
        """The number of layers, where a default list has as many entries as the default has layers."""
        for name in self._of_kind("layers"):
            if self.fields[name].derived == length and isinstance(self.values.get(name), int):
                return int(self.values[name])
        return None

    def _fit_padding(self) -> None:
        """The row of the padding token must be one of the vocabulary's."""
        sizes = [self.values[name] for name in self._of_kind("vocab") if isinstance(self.values.get(name), int)]
        for name, field in self.fields.items():
            if sizes and name.endswith("pad_token_id") and isinstance(field.derived, int):
                self.values[name] = min(field.derived, *(size - 1 for size in sizes))

    def _extra(self) -> None:
        for name, choices in self.rules.get("extra", {}).items():
            if self.random.random() < 0.5:  # noqa: PLR2004 - with and without
                self.values[name] = self.random.choice(choices)

    def _parts(self) -> None:
        for key, spec in self.cls.sub_configs_defaults.items():
            if key not in RULES["required_parts"] and self.random.random() < 0.1:  # noqa: PLR2004 - left out
                continue
            base = dict(spec.init_kwargs)
            by_name = not issubclass(spec.config_class, PreTrainedConfig)
            cls = CONFIG_MAPPING[spec.model_type] if by_name else spec.config_class
            part = _Perturbation(cls, spec.model_type or key, self.random, base).config()
            self.values[key] = {"model_type": spec.model_type, **part} if by_name else part

    def _tie_together(self) -> None:
        if alternatives := self.rules.get("together"):
            self.values.update(self.random.choice(alternatives))
        for target, source in self.rules.get("same", {}).items():
            _put(self.values, target, _get(self, source))
        for target, (factors, divisors) in self.rules.get("products", {}).items():
            top = math.prod(_get(self, name) for name in factors)
            _put(self.values, target, int(top // math.prod(_get(self, name) for name in divisors)))


def _get(perturbation: _Perturbation, path: str | int) -> Any:
    """A value of the config, or the default of its class; a number stands for itself."""
    if isinstance(path, int):
        return path
    value: Any = perturbation.values
    default: Any = default_of(perturbation.cls)
    for word in path.split("."):
        value = value.get(word) if isinstance(value, dict) else None
        default = value_of(default, word)
    return default if value is None else value


def _put(values: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for word in parents:
        values = values.setdefault(word, {})
    values[last] = value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _thawed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
