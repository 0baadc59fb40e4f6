"""What a description says of the whole model: its widths, its stacks of layers, its norms and rotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.cache import AttentionCache
from budsim_widgets.architectures.parts import Module, Stack
from budsim_widgets.data import load_table
from budsim_widgets.training.kept import norm_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import Part
    from budsim_widgets.training.kept import Rules

_MATRIX = 2


def norm_style(architecture: Architecture) -> str:
    """How the norms of a model compute, as `Rules.norm_style` names it."""
    types = {architecture.model_type, architecture.text_config.get("model_type")}
    table = load_table("training")["norms"]
    return next((style for style, names in table.items() if types & set(names)), "rms")


def widths_of(architecture: Architecture) -> tuple[int, int]:
    """(rows of the head, width of the model): those of the largest table, but no position table."""
    tables = [group.shape for group in architecture.tensor_groups if group.role in {"embedding", "head"}]
    vocab, hidden = max((shape for shape in tables if len(shape) == _MATRIX), default=(0, 0))
    given = architecture.text_config.get("hidden_size")
    return vocab, given if isinstance(given, int) else hidden


def stacks_of(architecture: Architecture) -> Iterator[tuple[str, Stack]]:
    """The stacks of layers that a text passes: those that cache, and of an encoder-decoder the encoder's."""
    is_everything = architecture.kind == "encoder-decoder"
    for prefix, stack in _outer_stacks(architecture.root, ""):
        if is_everything or any(_caches(layer) for layer, _ in stack.kinds):
            yield prefix, stack


def _outer_stacks(part: Part, prefix: str) -> Iterator[tuple[str, Stack]]:
    if isinstance(part, Stack):
        yield prefix, part
    elif isinstance(part, Module):
        for name, child in part.children.items():
            yield from _outer_stacks(child, f"{prefix}.{name}" if prefix else name)


def _caches(part: Part) -> bool:
    if isinstance(part, Module):
        return bool(part.cache) or any(map(_caches, part.children.values()))
    return isinstance(part, Stack) and any(_caches(layer) for layer, _ in part.kinds)


def ends_in_layer_norm(architecture: Architecture) -> bool:
    """Whether the norm behind the layers is a layer norm."""

    def found(part: Part) -> bool | None:
        if not isinstance(part, Module):
            return None
        if any(isinstance(child, Stack) for child in part.children.values()):
            norms = [norm for child in part.children.values() if (norm := norm_width(child))]
            return norms[-1][1] if norms else None
        return next((inner for child in part.children.values() if (inner := found(child)) is not None), None)

    return bool(found(architecture.root))


def rotary_bytes(architecture: Architecture, rules: Rules) -> int:
    """Bytes of a position's cosines and sines."""
    table = load_table("training")["unrotated"]
    if architecture.model_type in table:
        return 0
    heads = [cache.key_head_dim for cache, _ in architecture.layer_caches if isinstance(cache, AttentionCache)]
    partial = architecture.config.get("partial_rotary_factor") or architecture.config.get("rotary_pct") or 1
    share = partial if isinstance(partial, (int, float)) else 1
    return int(2 * max(heads, default=0) * rules.compute_bytes * share)
