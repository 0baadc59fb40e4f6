"""Modules that a quantized model leaves as they are, as configs list them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_INDEX = re.compile(r"(?:^|\.)\d+(?:\\?\.|$)")
_REGEX_PREFIX = "re:"
_REGEX_SIGNS = frozenset(r"\*+?[](){}|^$")


def listed_modules(config: Mapping[str, Any], *fields: str) -> tuple[str, ...] | None:
    """The names in the first of these fields that the config has, or None where it has none of them."""
    for field in fields:
        names = config.get(field)
        if isinstance(names, list):
            return tuple(name for name in names if isinstance(name, str))
    return None


@dataclass(frozen=True)
class Exceptions:
    """The modules that stay as they are.

    A name matches a module from the start up to a dot, or as its ending; with signs of a regular expression, or behind
    `re:`, it is one. Source: `should_convert_module` of transformers 5.23, `match_name` of compressed-tensors.

    Example:
        >>> exceptions = Exceptions(("lm_head", "model.layers.1", "re:.*gate$"))
        >>> exceptions.match("model.layers.1.mlp.up_proj"), exceptions.match("model.layers.11.mlp.up_proj")
        (True, False)
    """

    names: tuple[str, ...]

    @cached_property
    def has_indexes(self) -> bool:
        """Whether a name speaks of one layer, so that layers must be looked at one by one."""
        return any(_INDEX.search(name) for name in self.names)

    def match(self, module_name: str) -> bool:
        """Whether the module of this full name stays as it is."""
        if module_name.endswith(self._endings) or self._has_listed_start(module_name):
            return True
        return any(pattern.match(module_name) for pattern in self._patterns)

    def _has_listed_start(self, module_name: str) -> bool:
        starts, end = self._starts, module_name.find(".")
        while end != -1:
            if module_name[:end] in starts:
                return True
            end = module_name.find(".", end + 1)
        return False

    @cached_property
    def _endings(self) -> tuple[str, ...]:
        return tuple(name.removesuffix(".weight") for name in self.names if not name.startswith(_REGEX_PREFIX))

    @cached_property
    def _starts(self) -> frozenset[str]:
        return frozenset(name.removesuffix(".") for name in self._endings)

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        found = (_pattern(name) for name in self.names if _REGEX_SIGNS.intersection(name))
        return tuple(pattern for pattern in found if pattern is not None)


def _pattern(name: str) -> re.Pattern[str] | None:
    try:
        if name.startswith(_REGEX_PREFIX):
            return re.compile(name.removeprefix(_REGEX_PREFIX))
        return re.compile(rf"(?:{name})(?:(?<=\.)|(?=\.|$))")
    except re.error:
        return None  # no engine could read it either: such a name excepts nothing
