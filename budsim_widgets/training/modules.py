"""The modules of a model as PEFT sees them: which are linear, which hold a bare parameter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.data import load_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import Role

_MATRIX: Final = 2


@dataclass(frozen=True)
class TargetModule:
    """Modules of the layers that have one name, or parameters that stand in a module beside others.

    Attributes:
        name: The name with `*` in place of the indexes.
        shape: Shape of its weight, [out, in] or [experts, out, in].
        role: What the weight is for.
        count: How many there are.
        num_parameters: Parameters of one, its bias included.
        is_linear: Whether PEFT counts it as a linear layer.
        is_parameter: Whether it is a bare parameter, as fused experts are, and no module.
        is_head: Whether it is the output embedding, which `all-linear` leaves out.
    """

    name: str
    shape: tuple[int, ...]
    role: Role
    count: int
    num_parameters: int
    is_linear: bool
    is_parameter: bool
    is_head: bool

    @cached_property
    def leaf(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    @property
    def can_adapt(self) -> bool:
        """Whether LoRA has an adapter for it."""
        return self.is_linear or self.role in {"embedding", "conv", "head"}

    def matches(self, targets: Iterable[str]) -> bool:
        """Whether one of the targets is its name, or the end of it."""
        return any(self.name == target or self.name.endswith(f".{target}") for target in targets)

    @property
    def matrix(self) -> tuple[int, ...]:
        """The shape as a matrix; of fused experts as one matrix for each, of a convolution with its kernel unrolled."""
        if self.role == "conv":
            out, *inputs = self.shape
            return out, prod(inputs)
        return self.shape

    def lora_parameters(self, rank: int) -> int:
        """Parameters of one adapter: rank x (in + out); of fused experts for each; a convolution's has its kernel.

        Example:
            >>> TargetModule("q", (4096, 4096), "linear", 1, 4096**2, True, False, False).lora_parameters(16)
            131072
        """
        *experts, rows, columns = self.matrix
        return prod(experts) * rank * (rows + columns)


@kept_with_architecture
def modules_of(architecture: Architecture) -> tuple[TargetModule, ...]:
    """The modules of a model that hold a weight, the layers' together, and its bare parameters."""
    groups = architecture.tensor_groups
    biases = {group.name.removesuffix(".bias"): prod(group.shape) for group in groups if group.name.endswith(".bias")}
    rules = _Rules.of(architecture)
    return tuple(
        TargetModule(
            name=(name := group.name.removesuffix(".weight")),
            shape=group.shape,
            role=group.role,
            count=group.num_tensors,
            num_parameters=prod(group.shape) + (biases.get(name, 0) if group.name.endswith(".weight") else 0),
            is_linear=rules.is_linear(name, group.role, group.shape) and group.name.endswith(".weight"),
            is_parameter=not group.name.endswith(".weight"),
            is_head=group.role == "head" and not rules.is_targeted_head(name),
        )
        for group in groups
        if not group.name.endswith(".bias") or group.name.removesuffix(".bias") not in _weighted(architecture)
    )


@kept_with_architecture
def _weighted(architecture: Architecture) -> frozenset[str]:
    names = (group.name for group in architecture.tensor_groups)
    return frozenset(name.removesuffix(".weight") for name in names if name.endswith(".weight"))


@dataclass(frozen=True)
class _Rules:
    """What the roles of a description don't say about the classes of its modules."""

    linear: re.Pattern[str] | None
    not_linear: re.Pattern[str] | None
    targeted_heads: re.Pattern[str] | None

    @classmethod
    def of(cls, architecture: Architecture) -> _Rules:
        table, own = load_table("training"), architecture.model_type
        return cls(*(_any_of(tuple(table[name].get(own, ()))) for name in ("linear", "not_linear", "targeted_heads")))

    def is_targeted_head(self, name: str) -> bool:
        return self.targeted_heads is not None and self.targeted_heads.fullmatch(name) is not None

    def is_linear(self, name: str, role: Role, shape: tuple[int, ...]) -> bool:
        if len(shape) != _MATRIX:
            return False
        if role in {"linear", "head"}:
            return self.not_linear is None or not self.not_linear.fullmatch(name)
        return self.linear is not None and self.linear.fullmatch(name) is not None


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Names of modules with `*` for indexes; a name alone stands for the end of one."""
    if not names:
        return None
    return re.compile("|".join(rf"(?:.*\.)?{re.escape(name)}" for name in names))
