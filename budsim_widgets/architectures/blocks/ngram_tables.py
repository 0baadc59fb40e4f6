"""Tables of vectors for the last words together, looked up by hashes."""

from __future__ import annotations

import itertools
from functools import lru_cache
from math import isqrt
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import depthwise_conv, embedding, linear, rms_norm
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

FP32_PER_INTEGER = 2
"""A whole number takes eight bytes, as two numbers in fp32."""


_MOST_ROWS = 10**8


_MOST_HASHES = 1000
"""Beyond these, looking for primes would take long; Qwen's own table has 20 million rows a hash."""


_EVEN_PRIME = 2


def ngram_tables(c: Config, place: int) -> Module:
    """Vectors of the last words together, looked up by several hashes, and convolved; it keeps the last words too."""
    hidden_size, streams_size, ple_embed_dim = (
        c.hidden_size,
        c.hc_count * c.hidden_size,
        c.get("ple_embed_dim", c.hidden_size),
    )
    kernel, longest, norm = c.ple_conv_kernel_size, c.ngram_size, rms_norm(c.hc_count * c.hidden_size)
    hashes = (longest - 1) * c.heads_per_ngram
    if hashes < 1 or ple_embed_dim % hashes:
        raise inconsistent("ple_embed_dim", f"`ple_embed_dim` {ple_embed_dim} can't be shared among {hashes} hashes.")
    return module(
        ple_embedding=module(
            ngram_embedding=embedding(_table_rows(c, place * hashes, hashes), ple_embed_dim // hashes)
        ),
        key_proj=linear(ple_embed_dim, streams_size),
        value_proj=linear(ple_embed_dim, hidden_size),
        norm_key=norm,
        norm_query=norm,
        norm_conv=norm,
        conv1d=depthwise_conv(streams_size, kernel, bias=False),
        cache=StateCache(
            conv_elements=streams_size * (kernel - 1) * longest, recurrent_elements=FP32_PER_INTEGER * (longest - 1)
        ),
    )


def _table_rows(c: Config, before: int, count: int) -> int:
    """Each hash has a prime number of rows of its own, the next ones that earlier layers haven't taken."""
    base, multiple = c.ngram_vocab_size_base, int(c.make_ngram_vocab_size_divisible_by)
    if base > _MOST_ROWS or before + count > _MOST_HASHES:
        message = f"`ngram_vocab_size_base` {base} and {before + count} hashes are more than any model has."
        raise ConfigError("FIELD_RANGE", message, field="ngram_vocab_size_base")
    return -(-sum(_primes_from(base, before + count)[before:]) // multiple) * multiple


@lru_cache(maxsize=64)
def _primes_from(base: int, count: int) -> tuple[int, ...]:
    primes = (number for number in itertools.count(max(base, 2)) if _is_prime(number))
    return tuple(itertools.islice(primes, count))


def _is_prime(number: int) -> bool:
    return number == _EVEN_PRIME or (number % 2 == 1 and all(number % odd for odd in range(3, isqrt(number) + 1, 2)))
