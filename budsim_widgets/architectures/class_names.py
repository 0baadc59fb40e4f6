"""What the name of a class says of a config whose `model_type` says nothing, or something else.

The class is what is built: files carry model types that nobody knows (`deepseek_ref`), none at all, or another's
(Grok-2's says `git`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.other_classes import row_of
from budsim_widgets.architectures.registry import classes_of
from budsim_widgets.data import load_table

if TYPE_CHECKING:
    from collections.abc import Mapping

_STEM: Final = re.compile(r"(.+?)(?:For[A-Z]\w*|LMHeadModel|EncoderModel|Model)\Z")


def named_class(config: Mapping[str, Any]) -> str | None:
    """The class that a config names first, or None."""
    names = config.get("architectures")
    return names[0] if isinstance(names, list) and names and isinstance(names[0], str) else None


def type_of_class(architecture: str) -> str | None:
    """The model_type whose classes begin as this one does, where it is described.

    Example:
        >>> type_of_class("DeepseekV4ForCausalLM"), type_of_class("Grok1ForCausalLM")
        ('deepseek_v4', None)
    """
    stem = _STEM.match(architecture)
    found = load_table("config_classes")["types"].get(f"{stem[1]}Config") if stem else None
    return found if found and classes_of(found) else None


def type_that_is_meant(config: Mapping[str, Any]) -> str | None:
    """The model_type of a config's class, where the config names another one, or none; else None."""
    architecture, given = named_class(config), config.get("model_type")
    if architecture is None or not (given is None or isinstance(given, str)):
        return None
    found = type_of_class(architecture)
    if found is None or found == given or is_of_type(architecture, given or ""):
        return None
    return found


def is_of_type(architecture: str, model_type: str) -> bool:
    """Whether a class is one of a type's, or may be: where the name of one holds the other's.

    Example:
        >>> is_of_type("InternLM3ForCausalLM", "internlm3"), is_of_type("Grok1ForCausalLM", "git")
        (True, False)
    """
    if not model_type or not classes_of(model_type):
        return False
    if architecture in classes_of(model_type) or row_of(model_type, architecture):
        return True
    stem = _STEM.match(architecture)
    first, second = _letters(stem[1] if stem else architecture), _letters(model_type)
    return first in second or second in first


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
