"""Which family describes which model.

A description is a function from a config to a tree of parts, registered for every (model type, class) that it builds:

    @family("llama", "LlamaForCausalLM")
    @family("mistral", "MistralForCausalLM")
    def llama(c: Config) -> Module: ...
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from budsim_widgets.architectures import families
from budsim_widgets.architectures.other_classes import other_class, row_of, row_of_any
from budsim_widgets.architectures.parts import Module
from budsim_widgets.architectures.uncertainty import KNOWN, UNCONFIRMED
from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.architecture import Basis, Kind
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.extras import Extra
    from budsim_widgets.architectures.uncertainty import Uncertainty


@dataclass(frozen=True)
class Family:
    """A description and the model that it builds.

    Attributes:
        model_type: The config's `model_type`.
        architecture: The class that transformers builds.
        describe: From a resolved config to the model's parts.
        kind: The kind of model, where its parts don't tell (`multimodal`).
        notes: From a resolved config to what a person should know about it.
        basis: `estimate` where nothing published confirms a description of code that transformers doesn't hold; or
            a function from a resolved config, where it depends on that.
        extras: From a resolved config and what it builds to what files hold besides; None: layers for multi-token
            prediction behind the others, where the config speaks of them.
        uncertainty: From a resolved config and what it builds to how sure an estimate is; None: as sure as code of a
            model's own that nothing published confirms.
    """

    model_type: str
    architecture: str
    describe: Callable[[Config], Module]
    kind: Kind | None = None
    notes: Callable[[Config], tuple[str, ...]] | None = None
    basis: Basis | Callable[[Config], Basis] = "exact"
    extras: Callable[[Config, Module], tuple[Extra, ...]] | None = None
    uncertainty: Callable[[Config, Module], Uncertainty] | None = None

    def basis_of(self, config: Config) -> Basis:
        """Whether this config's description is exact."""
        return self.basis(config) if callable(self.basis) else self.basis

    def uncertainty_of(self, config: Config, root: Module) -> Uncertainty:
        """How far this config's description may be off."""
        if self.basis_of(config) == "exact":
            return KNOWN
        return self.uncertainty(config, root) if self.uncertainty else UNCONFIRMED


_FAMILIES: dict[str, dict[str, Family]] = {}

_PREFERRED_ENDINGS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
"""Which class is meant by a config that names none."""


def family(  # noqa: PLR0913 - what is known of one class
    model_type: str,
    architecture: str,
    *,
    kind: Kind | None = None,
    notes: Callable[[Config], tuple[str, ...]] | None = None,
    basis: Basis | Callable[[Config], Basis] = "exact",
    extras: Callable[[Config, Module], tuple[Extra, ...]] | None = None,
    uncertainty: Callable[[Config, Module], Uncertainty] | None = None,
) -> Callable[[Callable[[Config], Module]], Callable[[Config], Module]]:
    """Registers a description for one model type and class; stack it for several."""

    def register(describe: Callable[[Config], Module]) -> Callable[[Config], Module]:
        described = Family(model_type, architecture, describe, kind, notes, basis, extras, uncertainty)
        _FAMILIES.setdefault(model_type, {})[architecture] = described
        return describe

    return register


def classes_of(model_type: str) -> dict[str, Family]:
    """The described classes of a model type, by name; empty for an unknown type."""
    if model_type not in _FAMILIES and model_type in families.modules():
        import_module(f"{families.__name__}.{families.modules()[model_type]}")
    return _FAMILIES.get(model_type, {})


def find_family(model_type: str, architecture: str | None) -> tuple[Family | None, bool]:
    """The family of a config, and whether it builds the very class that the config names.

    A config without a class means the class that generates text.
    """
    classes = classes_of(model_type)
    if not classes:
        return None, False
    if architecture in classes:
        return classes[architecture], True
    other = _other_class(model_type, architecture)
    if other is not None:
        return other, True
    return classes[min(classes, key=_preference)], architecture is None


def _other_class(model_type: str, architecture: str | None) -> Family | None:
    """The family of a class that is a part of a described one with another head."""
    if architecture is None:
        return None
    row = row_of(model_type, architecture) or row_of_any(architecture)
    classes = {name.lower(): described for name, described in classes_of(model_type).items()}
    whole = classes.get(row["of"].lower()) if row else None
    if row is None or whole is None:
        return None

    def describe(c: Config) -> Module:
        return other_class(row, whole.describe(c), c)

    return replace(whole, architecture=architecture, describe=describe)


@lru_cache(maxsize=1024)
def _preference(architecture: str) -> int:
    for rank, ending in enumerate(_PREFERRED_ENDINGS):
        if architecture.endswith(ending):
            return rank
    return len(_PREFERRED_ENDINGS)


def part_of(config: Config, name: str | None = None) -> Module:
    """The model that another model builds from one of its sub-configs.

    Args:
        config: The sub-config; its `model_type` names the family.
        name: The part to take, such as `model` for a language model without its head; None: all of it.

    Raises:
        ConfigError: `UNSUPPORTED`, where no family describes the type.
    """
    found, _ = find_family(config.model_type, None)
    if found is None:
        raise ConfigError(
            "UNSUPPORTED",
            f"The config has a part of type {quoted(config.model_type)}, which isn't described.",
            field="model_type",
        )
    described = found.describe(config)
    if name is None:
        return described
    part = described.children[name]
    if not isinstance(part, Module):
        raise TypeError(f"{name!r} of {config.model_type!r} is no module")
    return part
