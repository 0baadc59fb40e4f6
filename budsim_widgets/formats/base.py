"""What a number format is: the bytes that a tensor takes in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role

Basis: TypeAlias = Literal["exact", "estimate"]

BYTE_BITS = 8
FP32_BYTES = 4
FP16_BYTES = 2


@dataclass(frozen=True, kw_only=True)
class QuantizedFormat(ABC):
    """A format that turns matrices into small numbers and their scales; everything else stays as it is.

    Attributes:
        keeps: Names of modules that stay as they are, as the config's list of exceptions writes them; None where the
            config has no such list, which leaves out the head.
    """

    keeps: tuple[str, ...] | None = None

    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "experts", "head"})
    basis: ClassVar[Basis] = "exact"
    experts_note: ClassVar[str] = ""

    @property
    @abstractmethod
    def label(self) -> str:
        """What people call the format."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the number."""
        return ()

    @abstractmethod
    def matrix_bytes(self, rows: int, columns: int) -> int:
        """Bytes of one weight [rows, columns] = [out, in], with its scales and zeros."""

    def experts_bytes(self, count: int, rows: int, columns: int) -> int:
        """Bytes of the weights of `count` experts, each [rows, columns]."""
        return count * self.matrix_bytes(rows, columns)


def ceil_div(number: int, divisor: int) -> int:
    """How many groups of `divisor` hold `number`.

    Example:
        >>> ceil_div(129, 128)
        2
    """
    return -(-number // divisor)
