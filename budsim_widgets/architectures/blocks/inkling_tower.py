"""Which scales the layers of Inkling's vision tower go through, from single pixels to a whole patch."""

from __future__ import annotations

from itertools import accumulate
from math import ceil, inf, isqrt, log
from operator import mul
from struct import pack, unpack
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

_MAX_LAYERS: Final = 1000


_MAX_WIDTH: Final = 2**31  # torch plans in 32 bits


class Scale(NamedTuple):
    """What a vector stands for: `side` x `side` pixels of `times` pictures, in `channels` numbers."""

    times: int
    side: int
    channels: int

    def folds(self, smaller: Scale) -> int:
        """Vectors of a smaller scale that make one of this."""
        return self.times // smaller.times * (self.side // smaller.side) ** 2


def scales(times: int, side: int, num_layers: int, num_channels: int) -> list[Scale]:
    """The scale before the first layer and behind each.

    Scales grow by the prime factors of the patch's side, then of its pictures. Every layer should multiply the pixels
    by the same factor; the scale next to that is taken, and where layers are fewer than scales, each scale once at
    most. Computed in fp32 as torch does, whose rounding decides between scales that are equally near.

    Args:
        times: Pictures of a patch.
        side: Pixels of a patch, both ways.
        num_layers: Layers of the tower.
        num_channels: Colours.

    Raises:
        ConfigError: `FIELD_RANGE`, for a patch of one pixel or one picture, for no layers, or far too large ones.

    Example:
        >>> [(scale.times, scale.side) for scale in scales(2, 6, 3, 3)]
        [(1, 1), (1, 3), (1, 6), (2, 6)]
    """
    _check(times, side, num_layers, num_channels)
    known = list(_all_scales(times, side, num_channels))
    logs = [_fp32(log(scale.times * scale.side**2)) for scale in known]
    total = _fp32(log(side**2 * times * num_channels))
    distances = [
        [abs(_fp32(ideal - log_of_scale)) for log_of_scale in logs] for ideal in _even_steps(total, num_layers)
    ]
    nearest = [row.index(min(row)) for row in distances]
    chosen = least_distant(distances) if num_layers < len(known) else nearest
    return [known[0], *(known[index] for index in chosen[1:-1]), known[-1]]


def is_certain(times: int, side: int, num_layers: int) -> bool:
    """Whether torch is known to plan these scales.

    On x86 its logarithm of 49 is off by the last bit. Of 690 towers with a side that 7 divides and fewer layers than
    scales, 38 took another of several plans that are equally good.

    Example:
        >>> is_certain(2, 40, 4), is_certain(2, 28, 3)
        (True, False)
    """
    return side % 7 != 0 or num_layers >= len(list(_all_scales(times, side, 1)))


def _check(times: int, side: int, num_layers: int, num_channels: int) -> None:
    most = _MAX_WIDTH // 64
    limits = {
        "num_channels": (num_channels, 1, most),
        "patch_size": (side, 2, isqrt(most // max(num_channels, 1))),
        "temporal_patch_size": (times, 2, most // max(num_channels * side**2, 1)),
        "num_hidden_layers": (num_layers, 1, _MAX_LAYERS),
    }
    for name, (value, least, largest) in limits.items():
        if not least <= value <= largest:
            message = f"Inkling's vision tower can be built with a `{name}` of {least} to {largest}, not {value}."
            raise ConfigError("FIELD_RANGE", message, field=name)


def _all_scales(times: int, side: int, num_channels: int) -> Iterator[Scale]:
    yield Scale(1, 1, num_channels)
    for grown in accumulate(_prime_factors(side), mul):
        yield Scale(1, grown, ceil(grown**2 * num_channels / 64) * 64)
    for grown in accumulate(_prime_factors(times), mul):
        yield Scale(grown, side, side**2 * num_channels * grown * 64)


def _prime_factors(number: int) -> list[int]:
    """The largest first."""
    factors, factor = [], 2
    while factor * factor <= number:
        if number % factor:
            factor += 1
        else:
            factors.append(factor)
            number //= factor
    return sorted([*factors, *([number] if number > 1 else [])], reverse=True)


def _even_steps(total: float, num_steps: int) -> list[float]:
    """From 0 to the total as `torch.linspace` goes: each half counted from its own end."""
    step, half = _fp32(total / num_steps), (num_steps + 1) // 2
    steps = range(num_steps + 1)
    return [_fp32(step * index if index < half else total - step * (num_steps - index)) for index in steps]


def _fp32(number: float) -> float:
    return float(unpack("f", pack("f", number))[0])


def least_distant(distances: list[list[float]]) -> list[int]:
    """A column for each row, none twice, so that the sum of their distances is the least.

    Many choices are equally good. The one taken is that of `scipy.optimize.linear_sum_assignment`, on which
    transformers relies: shortest augmenting paths, as D. F. Crouse published them ("On implementing 2D rectangular
    assignment algorithms", 2016).

    Example:
        >>> least_distant([[1.0, 2.0, 9.0], [1.0, 4.0, 9.0]])
        [1, 0]
    """
    columns: list[int] = []
    prices = [0.0] * len(distances)
    discounts = [0.0] * len(distances[0])
    for row in range(len(distances)):
        _add_row(row, distances, columns, prices, discounts)
    return columns


def _add_row(
    added: int, distances: list[list[float]], columns: list[int], prices: list[float], discounts: list[float]
) -> None:
    """Give one more row a column; rows on the shortest way to a free column pass theirs on."""
    holder = {column: row for row, column in enumerate(columns)}
    shortest, reached_from = [inf] * len(discounts), [-1] * len(discounts)
    open_columns = list(reversed(range(len(discounts))))
    seen_rows, seen_columns = [added], []
    row, length = added, 0.0
    while True:
        for column in open_columns:
            way = length + distances[row][column] - prices[row] - discounts[column]
            if way < shortest[column]:
                shortest[column], reached_from[column] = way, row
        place = _nearest(open_columns, shortest, holder)
        nearest = open_columns[place]
        length = shortest[nearest]
        seen_columns.append(nearest)
        open_columns[place] = open_columns[-1]
        open_columns.pop()
        if nearest not in holder:
            break
        row = holder[nearest]
        seen_rows.append(row)
    prices[added] += length
    for row in seen_rows[1:]:
        prices[row] += length - shortest[columns[row]]
    for column in seen_columns:
        discounts[column] -= length - shortest[column]
    columns.append(-1)
    while nearest != -1:
        row = reached_from[nearest]
        columns[row], nearest = nearest, columns[row]


def _nearest(open_columns: list[int], shortest: list[float], holder: dict[int, int]) -> int:
    """The place of the nearest column: the last free one of those equally near, or the first if none is free."""
    least = min(shortest[column] for column in open_columns)
    near = [place for place, column in enumerate(open_columns) if shortest[column] == least]
    free = [place for place in near if open_columns[place] not in holder]
    return free[-1] if free else near[0]
