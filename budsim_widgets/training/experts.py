"""What routed experts keep for the backward pass."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.parts import Module, Weight
from budsim_widgets.data import load_table
from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.training.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.training.reading import Reading

_INDEX_BYTES: Final = 8
_SORTED_INDEXES: Final = 4
"""Index tensors of the experts' dispatch: the chosen ones, their order, its inverse, and the tokens."""


def experts_kept(reading: Reading, path: str, shapes: Mapping[str, tuple[int, ...]], share: tuple[int, int]) -> Kept:
    """The experts that a token is sent to.

    PEFT adds the adapters of fused experts to their weights in each forward pass: the sums are kept whole, and so
    are the inputs that their gradients need.
    """
    used, every = share
    width, hidden = reading.rules.compute_bytes, reading.hidden_size
    values = list(shapes.values())
    first, last = values[0], values[-1]
    ups, inner = prod(first[1:]) // hidden, prod(last[1:]) // hidden
    copies, _ = reading.activation()
    more = load_table("training")["extra_expert_copies"]
    copies += next((more[name] for name in reading.model_types if name in more), 0)
    adapted = [(shape, reading.rules.ranks.get(f"{path}.{leaf}", 0)) for leaf, shape in shapes.items()]
    keeps_inputs = reading.rules.is_trained(path) or any(rank for _, rank in adapted)
    kept = ups + inner * (1 + copies) + hidden + (hidden + inner if keeps_inputs else 0)
    routing = used * (_SORTED_INDEXES * _INDEX_BYTES + FP32_BYTES) + every * FP32_BYTES
    summed = sum(prod(shape) + rank * shape[0] * sum(shape[1:]) for shape, rank in adapted if rank)
    return Kept(used * kept * width + routing, fixed_bytes=summed * width)


def holds_experts(part: object) -> bool:
    """Whether a module holds the fused weights of experts."""
    if not isinstance(part, Module):
        return False
    return any(isinstance(child, Weight) and child.role == "experts" for child in part.children.values())


def expert_weights(part: Module, prefix: str) -> Iterator[tuple[str, dict[str, tuple[int, ...]], tuple[int, int]]]:
    """(name, shapes of the weights, (used, all)) of the fused experts in a block."""
    named = {"": part, **part.children}
    for name, child in named.items():
        if isinstance(child, Module) and holds_experts(child):
            shapes = {
                leaf: weight.shape
                for leaf, weight in child.children.items()
                if isinstance(weight, Weight) and weight.role == "experts"
            }
            share = child.active_share or part.active_share or (1, 1)
            yield f"{prefix}.{name}" if name else prefix, shapes, share


def is_router(part: object) -> bool:
    """Whether a part is a layer with a weight, as the one that picks experts is."""
    weight = part.children.get("weight") if isinstance(part, Module) else None
    return isinstance(weight, Weight)
