"""The tensors of a model as they are stored: equal layers together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.architectures.kept_property import kept_property

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from budsim_widgets.architectures.parts import Role


class StoredTensors(NamedTuple):
    """Tensors of one shape and what they take in all.

    Attributes:
        name: The full name, with `*` for the layer's index where they are several.
        role: What they are for.
        number: How many there are.
        num_bytes: Bytes of all of them in memory, with their scales.
        file_bytes: Bytes of all of them in a file.
    """

    name: str
    role: Role
    number: int
    num_bytes: int
    file_bytes: int


@dataclass(frozen=True, eq=False)
class StoredWeights:
    """All tensors of a model as they are stored; equal to itself alone, so that a sum over them can be remembered.

    Attributes:
        num_bytes: Bytes of all of them in memory.
        file_bytes: Bytes of all of them in files.
        list_tensors: Lists them, where somebody asks for more than the sums.

    Example:
        >>> head = StoredTensors("lm_head.weight", "head", 1, num_bytes=64, file_bytes=32)
        >>> StoredWeights.of([head, head]).num_bytes
        128
    """

    num_bytes: int
    file_bytes: int
    list_tensors: Callable[[], Iterable[StoredTensors]]

    @classmethod
    def of(cls, tensors: Iterable[StoredTensors]) -> StoredWeights:
        """The tensors with their sums."""
        listed = tuple(tensors)
        return cls(sum(each.num_bytes for each in listed), sum(each.file_bytes for each in listed), listed.__iter__)

    @kept_property
    def tensors(self) -> tuple[StoredTensors, ...]:
        """Each of them, in the order of the description."""
        return tuple(self.list_tensors())


NO_WEIGHTS = StoredWeights.of(())
