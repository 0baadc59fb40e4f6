"""The tensors of a model as they are stored: equal layers together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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
