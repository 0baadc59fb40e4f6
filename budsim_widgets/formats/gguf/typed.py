"""Tensors of a GGUF file: what they are, and with their type."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role


class Tensors(NamedTuple):
    """Tensors of one shape, one in each of some layers, or a single one.

    Attributes:
        name: As the file calls it, with `*` in place of the layer.
        shape: Rows before columns, experts first.
        role: What they are for.
        layers: The layers, or () for a tensor outside of them.
        is_known: Whether the name is llama.cpp's own; else the type of a matrix is an assumption.
    """

    name: str
    shape: tuple[int, ...]
    role: Role
    layers: tuple[int, ...] = ()
    is_known: bool = True

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.layers) or 1


class TypedTensors(NamedTuple):
    """Tensors of one shape and one type.

    Attributes:
        tensors: The tensors, those layers alone that have this type.
        type: Their type.
        num_bytes: Bytes of one of them.
    """

    tensors: Tensors
    type: str
    num_bytes: int

    @property
    def total_bytes(self) -> int:
        """Bytes of all of them."""
        return self.num_bytes * self.tensors.number
