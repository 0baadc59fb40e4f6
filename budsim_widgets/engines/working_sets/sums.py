"""Sums of products, as a row of the table writes them: read once, then only multiplied."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


class Widths(NamedTuple):
    """What the names of a sum mean.

    Attributes:
        own: Widths of the blocks of a layer.
        config: The text model's config, for all other names.
    """

    own: Mapping[str, float]
    config: Mapping[str, Any]

    def of(self, name: str) -> float:
        """A width, or a field of the config (of a list its first entry); 0 where the config has none.

        Example:
            >>> Widths({"hidden": 64.0}, {"n_positions": 512, "bias": None}).of("n_positions")
            512.0
        """
        value = self.own.get(name)
        if value is None:
            value = self.config.get(name)
        if isinstance(value, (list, tuple)) and value:  # one for each layer
            value = value[0]
        return float(value) if isinstance(value, (int, float)) else 0.0


class Product(NamedTuple):
    """A number times the values of names, divided by those of others.

    Attributes:
        factor: The number, with its sign.
        above: Names of what multiplies.
        below: Names of what divides.
    """

    factor: float
    above: tuple[str, ...]
    below: tuple[str, ...]

    @classmethod
    def parsed(cls, text: str) -> Product:
        """Reads a product as it is written: `-2*hidden/heads`."""
        sign, text = (-1.0, text[1:]) if text.startswith("-") else (1.0, text)
        multiplied, *divided = text.split("/")
        multiplies = multiplied.split("*")
        factor = sign * prod(float(one) for one in multiplies if _is_number(one))
        factor /= prod(float(one) for one in divided if _is_number(one))
        names = (tuple(one for one in part if not _is_number(one)) for part in (multiplies, divided))
        return cls(factor, *names)

    def of(self, widths: Widths) -> float:
        """Its value; 0 where a config lacks a field, one that divides included."""
        divisor = prod(map(widths.of, self.below))
        return self.factor * prod(map(widths.of, self.above)) / divisor if divisor else 0.0


Sum: TypeAlias = tuple[Product, ...]


def parsed_sum(text: str) -> Sum:
    """Reads a sum of products; a factor behind a slash divides, a term behind a minus is taken off.

    Example:
        >>> parsed_sum("2*w*hidden + hidden/2")
        (Product(factor=2.0, above=('w', 'hidden'), below=()), Product(factor=0.5, above=('hidden',), below=()))
    """
    return tuple(Product.parsed(term.strip()) for term in text.split("+"))


def value_of(terms: Sum, widths: Widths) -> float:
    """The value of a sum.

    Example:
        >>> value_of(parsed_sum("2*w*hidden + f*heads/2"), Widths({"w": 2, "f": 4, "hidden": 64, "heads": 8}, {}))
        272.0
    """
    return sum(one.of(widths) for one in terms)


def _is_number(text: str) -> bool:
    return text[0].isdigit()
