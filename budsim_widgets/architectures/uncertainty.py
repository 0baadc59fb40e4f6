"""How far an estimate of a model may be off: what described models show when their description is taken away.

`tools/estimates.py` asks for described models, whose parameters transformers counted, as if nobody had described them,
and divides what they have by what is estimated. A range is what all but one in twenty of one half of the model types
lie above, and all but one in twenty lie below (`ranges` there); the other half, on which it is tested, says how many
it holds. Types are divided by a hash of their name; `tests/architectures/test_uncertainty.py` measures it again.

| what is asked | measured | tested | of these within: parameters | cache at 4,096 tokens |
|---|---|---|---|---|
| the default model of each type under a name that nobody knows | 137 | 132 | 92.4 % | 96.2 % |
| the same, of those that are plain decoders (`plain_decoder.py`) | 35 | 37 | 97.3 % | 97.3 % |
| a described decoder, with parts beside it that aren't | 51 | 48 | 85.4 % | 97.9 % |
| a described type under a class that nobody knows | 274 | 348 | 96.3 % | 94.5 % |
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Uncertainty(NamedTuple):
    """The least and the most that something may be, as a share of what is said.

    Attributes:
        fewest: Of the parameters.
        most: Of the parameters.
        least_cache: Of what a sequence keeps.
        most_cache: Of what a sequence keeps.

    Example:
        >>> Uncertainty(0.5, 1.25).around(1_000_000)
        (500000, 1250000)
    """

    fewest: float = 1.0
    most: float = 1.0
    least_cache: float = 1.0
    most_cache: float = 1.0

    def around(self, number: int) -> tuple[int, int]:
        """The fewest and the most parameters, or bytes of them, for a number that was estimated."""
        return _between(number, self.fewest, self.most)

    def around_held(self, weight_bytes: int, cache_bytes: int) -> tuple[int, int]:
        """The fewest and the most bytes of weights and cache together.

        Example:
            >>> Uncertainty(0.5, 1.25, 0, 1).around_held(1000, 100)
            (500, 1350)
        """
        least, most = self.around(weight_bytes)
        least_cache, most_cache = _between(cache_bytes, self.least_cache, self.most_cache)
        return least + least_cache, most + most_cache

    def widened(self, other: Uncertainty) -> Uncertainty:
        """What holds both.

        Example:
            >>> Uncertainty(0.5, 1.0).widened(Uncertainty(0.9, 1.25))
            Uncertainty(fewest=0.5, most=1.25, least_cache=1.0, most_cache=1.0)
        """
        fewest, least_cache = min(self.fewest, other.fewest), min(self.least_cache, other.least_cache)
        return Uncertainty(fewest, max(self.most, other.most), least_cache, max(self.most_cache, other.most_cache))

    def with_cache_of(self, other: Uncertainty) -> Uncertainty:
        """The same parameters with a cache as uncertain as another's.

        Example:
            >>> Uncertainty(0.9, 1.1, 0.0, 1.0).with_cache_of(Uncertainty(0.5, 2.0, 0.75, 1.25))
            Uncertainty(fewest=0.9, most=1.1, least_cache=0.75, most_cache=1.25)
        """
        return self._replace(least_cache=other.least_cache, most_cache=other.most_cache)

    def with_known_weights(self) -> Uncertainty:
        """The same of a model whose tensors a file lists: what it caches alone is uncertain."""
        return self._replace(fewest=1.0, most=1.0)


def _between(number: int, least: float, most: float) -> tuple[int, int]:
    """An exact number stays what it is, however many digits it has."""
    return (number if least == 1 else int(number * least)), (number if most == 1 else int(number * most))


KNOWN: Final = Uncertainty()

UNDESCRIBED: Final = Uncertainty(0.64, 1.5, 0.0, 1.0)
"""A model type that nobody has described. An encoder keeps nothing of its context."""

PLAIN_DECODER: Final = Uncertainty(0.72, 1.25, 1.0, 1.0)
"""The same, of whose config `plain_decoder.py` says that each layer keeps the keys and values of its own heads."""

PARTS_ADDED: Final = Uncertainty(0.93, 1.1)
"""A described model with towers that are estimated from their sizes, or with fields that aren't counted."""

OTHER_CLASS: Final = Uncertainty(0.68, 1.07)
"""A described type under a class that nobody knows."""

BUILT: Final = Uncertainty(least_cache=0.0)
"""What the installed transformers builds: its parameters are counted, its cache is that of an undescribed model."""

UNCONFIRMED: Final = Uncertainty(0.995, 1.005)
"""Counted from a model's own code. The sizes of eight such models are published and agree, as far as they are rounded,
to half a percent (`tests/architectures/test_remote_code.py`)."""


_PERCENT_WITHIN: Final = {UNDESCRIBED: 92, PLAIN_DECODER: 97, PARTS_ADDED: 85}
"""Of the tested models, how many have parameters within the range."""


def note_of(uncertainty: Uncertainty) -> str:
    """The same of `UNDESCRIBED`, `PLAIN_DECODER` or `PARTS_ADDED` for a person.

    Example:
        >>> note_of(UNDESCRIBED)[:79]
        'Of described models, estimated in this way, 92 % have between 0.64 and 1.5 time'
    """
    return (
        f"Of described models, estimated in this way, {_PERCENT_WITHIN[uncertainty]} % have between "
        f"{uncertainty.fewest:g} and {uncertainty.most:g} times the parameters of the estimate."
    )
