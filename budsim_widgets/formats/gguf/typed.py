"""Tensors of a GGUF file with their type."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from budsim_widgets.formats.gguf.tensors import Tensors


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
