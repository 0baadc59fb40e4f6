"""Print, as JSON, what transformers' config classes declare: to be run with a Python that has transformers.

    python tools/list_config_classes.py > classes.json

`types[model_type]` holds the declared defaults of the class's own fields, `kinds[model_type]` what JSON types each
may have, as letters: b(ool), d(ict), f(loat), i(nt), l(ist), n(ull), s(tring).
`parts[model_type][key]` tells the `type` of a sub-config's class; whether the class is `fixed`, so that a
`model_type` inside the sub-config is ignored; whether the part is `optional`; and the `values` that the parent
gives it when the file doesn't mention it. A class without a `model_type` of its own is called after its place
(`mpt.attn_config`). `aliases[model_type]` holds its `attribute_map`, `version` says of which transformers all this is.
`without_text` lists the types that have no vocabulary, in themselves or in any part.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import sys
import types
import typing
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[0])]

from needed import need

need("torch", "transformers")

import torch
from transformers import PreTrainedConfig
from transformers import __version__ as version
from transformers.models.auto.configuration_auto import CONFIG_MAPPING, CONFIG_MAPPING_NAMES

# Made by their parents by hand, and so not declared in `sub_configs_defaults`.
UNDECLARED = {
    ("dbrx", "attn_config"): "dbrx.configuration_dbrx.DbrxAttentionConfig",
    ("dbrx", "ffn_config"): "dbrx.configuration_dbrx.DbrxFFNConfig",
    ("evolla", "protein_encoder_config"): "evolla.configuration_evolla.SaProtConfig",
    ("mpt", "attn_config"): "mpt.configuration_mpt.MptAttentionConfig",
}
LETTERS = {bool: "b", dict: "d", float: "f", int: "i", list: "l", tuple: "l", type(None): "n", str: "s"}
BASE_FIELDS = {field.name for field in dataclasses.fields(PreTrainedConfig)}


class Listing:
    """The classes met so far; `add` follows a class into its parts."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, Any]] = {}
        self.kinds: dict[str, dict[str, str]] = {}
        self.parts: dict[str, dict[str, Any]] = {}

    def add(self, config_class: Any, name: str) -> None:
        """List a class under a name, unless that name is taken."""
        if name in self.types:
            return
        self.types[name] = own_defaults(config_class)
        self.kinds[name] = own_kinds(config_class)
        for key, spec in config_class.sub_configs_defaults.items():
            part = {"optional": spec.optional, "values": spec.init_kwargs}
            self.add_part(name, key, spec.config_class, spec.model_type, **part)

    def add_part(self, parent: str, key: str, config_class: Any, model_type: str, **part: Any) -> None:
        """List a sub-config, and its class where it has one of its own."""
        fixed = issubclass(config_class, PreTrainedConfig)
        name = model_type or f"{parent}.{key}"
        self.parts.setdefault(parent, {})[key] = {"type": name, "fixed": fixed, **part}
        if fixed:
            self.add(config_class, name)


def own_defaults(config_class: Any) -> dict[str, Any]:
    """The defaults of the fields that the class adds to the base class, as far as JSON can hold them."""
    return {
        field.name: field.default
        for field in dataclasses.fields(config_class)
        if field.name not in BASE_FIELDS and isinstance(field.default, tuple(LETTERS))
    }


def own_kinds(config_class: Any) -> dict[str, str]:
    """The JSON types that the annotations of the class's fields allow."""
    names = {"torch": torch, "SubConfigSpec": object}
    hints = typing.get_type_hints(config_class, localns=names)
    return {
        field.name: "".join(sorted(letters(hints[field.name])))
        for field in dataclasses.fields(config_class)
        if field.name not in BASE_FIELDS
    }


def letters(hint: Any) -> set[str]:
    """The letters of a type annotation."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return set().union(*map(letters, arguments))
    if origin is typing.Literal:
        return {LETTERS[type(argument)] for argument in arguments}
    return {LETTERS[origin or hint]} if (origin or hint) in LETTERS else {"d"}


def has_text(listing: Listing, name: str) -> bool:
    """Whether a vocabulary belongs to a type or to one of its parts."""
    if "vocab_size" in listing.types.get(name, {}) or (name in listing.types and "vocab_size" in aliases(name)):
        return True
    return any(has_text(listing, part["type"]) for part in listing.parts.get(name, {}).values())


def aliases(name: str) -> dict[str, str]:
    """Other names of a type's fields."""
    known = name in CONFIG_MAPPING_NAMES
    return CONFIG_MAPPING[name].attribute_map if known else {}  # type: ignore[no-any-return]


def main() -> None:
    """Walk every config class that transformers knows, and print what it declares."""
    listing = Listing()
    for name in CONFIG_MAPPING_NAMES:
        listing.add(CONFIG_MAPPING[name], name)
    for (parent, key), path in UNDECLARED.items():
        module, _, class_name = path.rpartition(".")
        config_class = getattr(importlib.import_module(f"transformers.models.{module}"), class_name)
        listing.add_part(parent, key, config_class, "", optional=False, values={})
    without_text = [name for name in CONFIG_MAPPING_NAMES if not has_text(listing, name)]
    named = {name: CONFIG_MAPPING[name].attribute_map for name in CONFIG_MAPPING_NAMES if aliases(name)}
    answer = {**vars(listing), "aliases": named, "version": version, "without_text": sorted(without_text)}
    json.dump(answer, sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
