"""What published files hold beyond the tensors that transformers builds, described with the same parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from budsim_widgets.architectures.parts import caches, num_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Module

ExtraKind: TypeAlias = Literal[
    "prediction_layers", "prediction_tables", "causal_masks", "correction_biases", "towers", "vocabulary_maps"
]
"""Layers for multi-token prediction; copies of embedding and head for them; GPT-2's masks; what a router adds to its
scores when it chooses experts; what a multimodal model has besides its text model, where a class builds that alone;
which token of a draft is which of the other model."""

_LABELS: Final[dict[ExtraKind, tuple[str, str]]] = {
    "prediction_layers": ("a layer for multi-token prediction", "{} layers for multi-token prediction"),
    "prediction_tables": ("copies of embedding and head for it", "copies of embedding and head for each of them"),
    "causal_masks": ("a causal mask", "a causal mask for each layer"),
    "correction_biases": ("a correction bias of a router", "a correction bias for each router"),
    "towers": ("what takes in pictures", "what takes in pictures"),
    "vocabulary_maps": ("a map between two vocabularies", "maps between two vocabularies"),
}


@dataclass(frozen=True)
class Extra:
    """Tensors that the published files of a model may hold and transformers doesn't build.

    Attributes:
        kind: What they are.
        count: How many there are of it: layers, masks, routers, towers.
        describe: Gives `part`, where somebody asks for it: most reports only name what there is.
        is_size_noted: Whether the note names their size.

    Example:
        >>> from budsim_widgets.architectures.parts import Weight, module
        >>> masks = Extra("causal_masks", 12, lambda: module(bias=Weight((12, 1024, 1024))))
        >>> masks.label, masks.num_parameters
        ('a causal mask for each layer', 12582912)
    """

    kind: ExtraKind
    count: int
    describe: Callable[[], Module] = field(repr=False)
    is_size_noted: bool = False

    @cached_property
    def part(self) -> Module:
        """The tensors, below the root of the model and under the names that files give them."""
        return self.describe()

    @cached_property
    def num_parameters(self) -> int:
        """Elements of all its tensors."""
        return num_parameters(self.part)

    @property
    def layer_caches(self) -> list[tuple[LayerCache, int]]:
        """(what a layer keeps, number of such layers): what is cached besides where an engine runs them."""
        return caches(self.part)

    @property
    def label(self) -> str:
        """What they are, for a sentence."""
        one, several = _LABELS[self.kind]
        return one if self.count == 1 else several.format(self.count)


def notes_of(extras: Iterable[Extra]) -> tuple[str, ...]:
    """What a person should know of what files hold besides; small buffers aren't worth a sentence."""
    return tuple(_note(extra) for extra in extras if extra.kind in {"prediction_layers", "towers"})


def _note(extra: Extra) -> str:
    size = f" ({extra.num_parameters:,} parameters)" if extra.is_size_noted else ""
    what = extra.label + size
    them = "it: files may hold it, memory doesn't" if extra.count == 1 else "them: files may hold them, memory doesn't"
    return f"The published checkpoint also holds {what}; transformers doesn't build {them}."
