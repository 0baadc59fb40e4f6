"""The cells of a context: tokens that llama.cpp keeps keys and values of.

Sources: src/llama-context.cpp, llama-kv-cache.cpp and llama-kv-cache-iswa.cpp of github.com/ggml-org/llama.cpp
(0c1e57098).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

PADDING: Final = 256
"""Cells come in multiples of this."""


@dataclass(frozen=True)
class Context:
    """The cells of a context.

    Attributes:
        sequences: Sequences at once.
        cells: Cells of each stream of a layer that keeps every token.
        streams: 1 where all sequences share the cells, else as many as sequences.
        ubatch_size: Tokens that are computed at once.
        swa_full: Whether layers with a window keep every token, too.
        cache_type: Type of keys and values, of `TENSOR_TYPES`.

    Example:
        Four sequences of 1,250 tokens; in streams of their own, each is rounded up.

        >>> Context.of(4, 1250, ubatch_size=512, unified=True, swa_full=False, cache_type="F16").cells
        5120
        >>> Context.of(4, 1250, ubatch_size=512, unified=False, swa_full=False, cache_type="F16").cells
        1280
    """

    sequences: int
    cells: int
    streams: int
    ubatch_size: int
    swa_full: bool
    cache_type: str

    @classmethod
    def of(  # noqa: PLR0913 - the settings of a context
        cls, sequences: int, seq_length: int, *, ubatch_size: int, unified: bool, swa_full: bool, cache_type: str
    ) -> Context:
        """The context of so many sequences of a length."""
        total = padded(sequences * seq_length)
        cells = total if unified else padded(total // sequences)
        return cls(sequences, cells, 1 if unified else sequences, min(ubatch_size, total), swa_full, cache_type)

    def cells_in_window(self, window: int) -> int:
        """Cells of each stream of a layer with a window.

        Example:
            Gemma 3: 1,024 tokens and the 512 that are computed at once.

            >>> context = Context.of(1, 32768, ubatch_size=512, unified=True, swa_full=False, cache_type="F16")
            >>> context.cells_in_window(1024)
            1536
        """
        if self.swa_full:
            return self.cells
        seen = window * (self.sequences if self.streams == 1 else 1)
        return padded(min(self.cells, seen + self.ubatch_size))


def padded(tokens: int) -> int:
    """Tokens rounded up to whole multiples of `PADDING`."""
    return -(-tokens // PADDING) * PADDING


@lru_cache(maxsize=16)
def context_of(  # noqa: PLR0913 - the settings of a context
    sequences: int, seq_length: int, ubatch_size: int, *, unified: bool, swa_full: bool, cache_type: str
) -> Context:
    """A context, for which one answer asks several times."""
    return Context.of(
        sequences, seq_length, ubatch_size=ubatch_size, unified=unified, swa_full=swa_full, cache_type=cache_type
    )
