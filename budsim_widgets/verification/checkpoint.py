"""What the published files of a model hold: how many elements, and how the Hub may count them.

The Hub counts the elements in the headers of a model's safetensors files, by dtype. Files of quantized models pack
several weights into one integer and add scales; the Hub counts what is packed as it lies there or unpacked, which
differs from model to model (both are seen). So every way of counting is written down here, part by part.
"""

from __future__ import annotations

from itertools import chain, combinations
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.formats.stored_tensor import PLAIN_DTYPES
from budsim_widgets.memory.quantized import matrices_of_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.extras import Extra

_PUBLISHED_PLAIN = frozenset({"F64", "F32", "F16", "BF16"})


class Count(NamedTuple):
    """How many elements some files hold.

    Attributes:
        plain: Elements of 16 bits or more: weights as they are, and scales.
        packed: Integers and small floats: quantized weights, their zeros and blocks.
    """

    plain: int
    packed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.plain + self.packed


def published_count(by_dtype: Mapping[str, int]) -> Count:
    """What the Hub counted.

    Example:
        >>> published_count({"BF16": 1804459584, "U8": 19707494400})
        Count(plain=1804459584, packed=19707494400)
    """
    plain = sum(count for dtype, count in by_dtype.items() if dtype.upper() in _PUBLISHED_PLAIN)
    return Count(plain, sum(by_dtype.values()) - plain)


def expected_counts(architecture: Architecture) -> tuple[Count, ...]:
    """What the Hub may count for a model; nothing where the format of its weights isn't known.

    Example:
        gpt-oss-20b: 20,914,757,184 parameters, of which 19,110,297,600 in MXFP4 blocks of 32 with an exponent each.
        The Hub counts two elements a byte, and the exponents: 1,804,459,584 + 19,707,494,400.
    """
    plain = packed = unpacked = 0
    for group, number, form, matrices, (rows, columns) in matrices_of_files(architecture):
        if form is None:
            plain += number * prod(group.shape)
            continue
        if form.basis != "exact":
            return ()
        weight, *rest = (tensor for tensor in form.tensors(rows, columns) if tensor.in_file)
        beside = sum(tensor.numel for tensor in rest if tensor.dtype not in PLAIN_DTYPES)
        plain += matrices * sum(tensor.numel for tensor in rest if tensor.dtype in PLAIN_DTYPES)
        packed += matrices * (weight.numel + beside)
        unpacked += number * prod(group.shape) + matrices * beside
    return tuple(dict.fromkeys((Count(plain, packed), Count(plain, unpacked))))


def counts_with_extras(
    architecture: Architecture, extras: tuple[Extra, ...]
) -> Iterator[tuple[tuple[Extra, ...], tuple[Count, ...]]]:
    """What the Hub may count where the files hold some of these extras, or none: each choice, the smallest first.

    Extra tensors are quantized as the model's own, or stay as they are.
    """
    expected = expected_counts(architecture)
    for chosen in chain.from_iterable(combinations(extras, number) for number in range(len(extras) + 1)):
        as_others = expected_counts(architecture.with_extras(chosen)) if chosen else expected
        added = sum(extra.num_parameters for extra in chosen)
        yield chosen, (*as_others, *(Count(count.plain + added, count.packed) for count in expected))
