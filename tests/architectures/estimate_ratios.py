"""What described models have, as a share of what is estimated of them once their description is taken away."""

from __future__ import annotations

import copy
import hashlib
from math import ceil, floor
from typing import TYPE_CHECKING, Any, NamedTuple

from architectures.oracle_rows import rows
from architectures.test_other_classes import CLASSES
from budsim_widgets.architectures import build
from budsim_widgets.architectures.uncertainty import (
    OTHER_CLASS,
    PARTS_ADDED,
    PLAIN_DECODER,
    UNDESCRIBED,
    Uncertainty,
)
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import resolve_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures import Architecture

_OUTSIDE = 0.05
_SEQ_LENGTH = 4096


class Ratio(NamedTuple):
    """What a model has, as a share of the estimate."""

    model_type: str
    parameters: float
    cache: float

    @property
    def is_tested(self) -> bool:
        """Whether its type is of the half on which ranges are tested."""
        return hashlib.sha256(self.model_type.encode()).digest()[-1] % 2 == 1

    def is_within(self, known: Uncertainty) -> tuple[bool, bool]:
        """Whether a range holds its parameters, and its cache."""
        return known.fewest <= self.parameters <= known.most, known.least_cache <= self.cache <= known.most_cache


class Measurement(NamedTuple):
    """A range of one half of the types, and how many of the other half it holds.

    Attributes:
        measured: Models of the first half.
        tested: Models of the other half.
        range: Of the first half.
        parameters: The share of the other half whose parameters it holds.
        cache: The share of the other half whose cache it holds.
    """

    measured: int
    tested: int
    range: Uncertainty
    parameters: float
    cache: float


def undescribed() -> Iterator[Ratio]:
    """Default models under names that nobody knows, their parts too; without those that are plain decoders."""
    yield from _renamed(UNDESCRIBED)


def plain_decoder() -> Iterator[Ratio]:
    """Those whose configs speak of plain attention alone."""
    yield from _renamed(PLAIN_DECODER)


def _renamed(stated: Uncertainty) -> Iterator[Ratio]:
    for row in rows("defaults"):
        config = copy.deepcopy(resolve_fields(row["config"]))
        _rename(config)
        other = {**config, "architectures": ["New" + row["architecture"]]}
        yield from _ratio(stated, row["config"], row["architecture"], other)


def parts_added() -> Iterator[Ratio]:
    """Default models under names that nobody knows, around a decoder whose name is known."""
    for row in rows("defaults"):
        config = resolve_fields(row["config"])
        names = {"model_type": "new_" + row["model_type"], "architectures": ["New" + row["architecture"]]}
        yield from _ratio(PARTS_ADDED, row["config"], row["architecture"], {**config, **names})


def other_class() -> Iterator[Ratio]:
    """Described types under classes that nobody knows."""
    for config, architecture, _, _ in CLASSES:
        yield from _ratio(OTHER_CLASS, config, architecture, {**config, "architectures": ["New" + architecture]})


SETS = (
    (UNDESCRIBED, undescribed),
    (PLAIN_DECODER, plain_decoder),
    (PARTS_ADDED, parts_added),
    (OTHER_CLASS, other_class),
)
"""What the package says, and what it is measured with."""


def measurement(ratios: list[Ratio]) -> Measurement:
    """The range of one half of the types, tested on the other."""
    measured = [ratio for ratio in ratios if not ratio.is_tested]
    tested = [ratio for ratio in ratios if ratio.is_tested]
    known = Uncertainty(*_ends([some.parameters for some in measured]), *_ends([some.cache for some in measured]))
    within = [ratio.is_within(known) for ratio in tested]
    shares = (sum(some) / len(tested) for some in zip(*within, strict=True))
    return Measurement(len(measured), len(tested), known, *shares)


def _ends(values: list[float]) -> tuple[float, float]:
    """Below and above which one in twenty of the next lie, rounded outwards to hundredths.

    Of `n` values and the next, each rank is as likely for the next: hence `n + 1`.
    """
    ordered, ranks = sorted(values), len(values) + 1
    least, most = ordered[floor(_OUTSIDE * ranks) - 1], ordered[ceil((1 - _OUTSIDE) * ranks) - 1]
    return floor(round(100 * least, 6)) / 100, ceil(round(100 * most, 6)) / 100


def _rename(config: dict[str, Any]) -> None:
    if "model_type" in config:
        config["model_type"] = f"new_{config['model_type']}"
    for value in config.values():
        if isinstance(value, dict):
            _rename(value)


def _ratio(stated: Uncertainty, config: dict[str, Any], architecture: str, other: dict[str, Any]) -> Iterator[Ratio]:
    """Nothing, where one of the two is refused, the model isn't described itself, or the estimate is another's."""
    try:
        known, estimate = build({**config, "architectures": [architecture]}), build(other)
    except ConfigError:
        return
    if known.basis == "exact" and estimate.uncertainty == stated:
        parameters = known.num_parameters / estimate.num_parameters
        yield Ratio(config["model_type"], parameters, _kept(known) / _kept(estimate) if _kept(estimate) else 1.0)


def _kept(architecture: Architecture) -> int:
    return sum(architecture.cache(1, _SEQ_LENGTH))
