"""What the published files of a model hold: how many numbers, and how the Hub may count them.

The Hub counts the numbers in the headers of a model's safetensors files, by dtype. Files of quantized models pack
several weights into one integer and add scales; the Hub counts what is packed as it lies there or unpacked, which
differs from model to model (both are seen). So every way of counting is written down here, part by part.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.formats.base import ceil_div
from budsim_widgets.formats.bitsandbytes import NF4, Int8
from budsim_widgets.formats.fp8 import BlockFP8, ScaledFP8
from budsim_widgets.formats.grouped import Grouped, IntPerRow
from budsim_widgets.formats.microscaling import MXFP4, NVFP4
from budsim_widgets.memory.weights import formats_of_groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.base import QuantizedFormat

_PLAIN_DTYPES = frozenset({"F64", "F32", "F16", "BF16"})
_WORD_BITS = 32


class Count(NamedTuple):
    """How many numbers some files hold.

    Attributes:
        plain: Numbers of 16 bits or more: weights as they are, and scales.
        packed: Integers and small floats: quantized weights, their zeros and blocks.
    """

    plain: int
    packed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.plain + self.packed


class _Matrix(NamedTuple):
    """What one quantized matrix takes: its own numbers as packed integers, and what comes with them."""

    words: int
    plain: int = 0
    packed: int = 0


def published_count(by_dtype: Mapping[str, int]) -> Count:
    """What the Hub counted.

    Example:
        >>> published_count({"BF16": 1804459584, "U8": 19707494400})
        Count(plain=1804459584, packed=19707494400)
    """
    plain = sum(count for dtype, count in by_dtype.items() if dtype.upper() in _PLAIN_DTYPES)
    return Count(plain, sum(by_dtype.values()) - plain)


def expected_counts(architecture: Architecture) -> tuple[Count, ...]:
    """What the Hub may count for a model; nothing where the format of its weights isn't known.

    Example:
        gpt-oss-20b: 20,914,757,184 parameters, of which 19,110,297,600 in MXFP4 blocks of 32 with an exponent each.
        The Hub counts two numbers a byte, and the exponents: 1,804,459,584 + 19,707,494,400.
    """
    plain = packed = words = numbers = 0
    for group, form in formats_of_groups(architecture):
        if form is None:
            plain += group.num_parameters
            continue
        *experts, rows, columns = group.shape
        matrix = _matrix(form, rows, columns)
        if matrix is None:
            return ()
        count = group.count * prod(experts)
        numbers += group.num_parameters
        words, plain, packed = (
            words + count * matrix.words,
            plain + count * matrix.plain,
            packed + count * matrix.packed,
        )
    as_it_lies, unpacked = Count(plain, packed + words), Count(plain, packed + numbers)
    return tuple(dict.fromkeys((as_it_lies, unpacked)))


def _matrix(form: QuantizedFormat, rows: int, columns: int) -> _Matrix | None:  # noqa: PLR0911 - a line a format
    """The parts of a matrix [rows, columns]; the layouts and their sources are those of `memory.formats`."""
    numbers = rows * columns
    if isinstance(form, Grouped):
        return _grouped(form, rows, columns)
    if isinstance(form, Int8 | IntPerRow):
        return _Matrix(numbers, plain=rows)
    if isinstance(form, ScaledFP8):
        return _Matrix(numbers, plain=(rows if form.per == "row" else 1) + form.has_input_scale)
    if isinstance(form, BlockFP8):
        blocks = ceil_div(rows, form.block[0]) * ceil_div(columns, form.block[1])
        return _Matrix(numbers, packed=blocks) if form.scale_bytes == 1 else _Matrix(numbers, plain=blocks)
    if isinstance(form, MXFP4):
        return _Matrix(rows * ceil_div(columns, 2), packed=rows * ceil_div(columns, form.BLOCK))
    if isinstance(form, NVFP4):
        return _Matrix(rows * ceil_div(columns, 2), plain=2, packed=rows * ceil_div(columns, form.BLOCK))
    return _nf4(form, numbers) if isinstance(form, NF4) else None


def _grouped(form: Grouped, rows: int, columns: int) -> _Matrix:
    groups = ceil_div(columns, form.group_size) if form.group_size else 1
    zeros = ceil_div(rows * form.bits, _WORD_BITS) * groups if form.has_zeros else 0
    shape = 2 if form.shape_bytes else 0
    return _Matrix(
        ceil_div(columns * form.bits, _WORD_BITS) * rows,
        plain=groups * rows,
        packed=zeros + columns * form.has_index + shape,
    )


def _nf4(form: NF4, numbers: int) -> _Matrix:
    blocks, code = ceil_div(numbers, form.BLOCK), 16
    if not form.is_double:
        return _Matrix(ceil_div(numbers, 2), plain=blocks + code)
    return _Matrix(
        ceil_div(numbers, 2), plain=ceil_div(blocks, form.SCALE_BLOCK) + form.SCALE_BLOCK + code, packed=blocks
    )
